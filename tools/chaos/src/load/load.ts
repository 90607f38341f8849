/** All clients of one round, and what they remember. */
import { Dice } from '../dice.ts';
import { BANK, type Increment, type Read, type Transfer, type Write } from '../history.ts';
import { Client } from './client.ts';
import type { Incarnations } from './incarnations.ts';
import { readAll } from './reader.ts';
import type { Signpost } from './signpost.ts';
import type { Account } from './sql.ts';
import { countUp, transferMoney, writeRows, type Writing } from './writers.ts';

export interface LoadOptions {
  signpost: Signpost;
  account: Account;
  /** A database of this round's own. */
  database: string;
  incarnations: Incarnations;
  nowMs: () => number;
  seed: string;
  /** Of each writer between two writes: bounds the rate, so that the machine is busy with faults and not with us. */
  pauseMs: number;
}

/** Of others, by a writer's. */
const TRANSFER_PAUSE = 2;
const COUNT_PAUSE = 4;
const READ_PAUSE = 4;
const WRITERS = 4;
const STUBBORN_WRITERS = 1;
const TELLERS = 2;
const COUNTERS = 2;
const READERS = 2;

export class Load {
  readonly writes: Write[] = [];
  readonly transfers: Transfer[] = [];
  readonly increments: Increment[] = [];
  readonly reads: Read[] = [];
  readonly #clients: Client[] = [];
  readonly #running: Promise<void>[] = [];

  static start(options: LoadOptions): Load {
    const load = new Load();
    load.#start(options);
    return load;
  }

  /** When clients that follow discovery had writes acknowledged, in order. */
  get servedMs(): number[] {
    return [...this.writes, ...this.transfers]
      .filter(({ isAcknowledged, client }) => isAcknowledged && client > STUBBORN_WRITERS)
      .map(({ endedMs }) => endedMs)
      .sort((a, b) => a - b);
  }

  /** How many writes of those clients were acknowledged. */
  get served(): number {
    return this.servedMs.length;
  }

  /** Why clients are not served, for people. */
  get complaints(): string {
    return [...new Set(this.#clients.map(({ lastError }) => lastError).filter(Boolean))].join('; ');
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all(this.#running);
  }

  #start(options: LoadOptions): void {
    const writing = (number: number, pauseMs: number, isStubborn = false): Writing => {
      const client = new Client({ ...options, isStubborn });
      this.#clients.push(client);
      return { number, client, pauseMs, nowMs: options.nowMs };
    };
    for (let number = 1; number <= WRITERS; number += 1) {
      const isStubborn = number <= STUBBORN_WRITERS;
      this.#running.push(
        writeRows(writing(number, options.pauseMs, isStubborn), (write) => this.writes.push(write)),
      );
    }
    for (let number = 101; number < 101 + TELLERS; number += 1) {
      const dice = new Dice(`${options.seed} teller ${number}`);
      this.#running.push(
        transferMoney(writing(number, TRANSFER_PAUSE * options.pauseMs), BANK, dice, (transfer) =>
          this.transfers.push(transfer),
        ),
      );
    }
    for (let number = 151; number < 151 + COUNTERS; number += 1)
      this.#running.push(
        countUp(writing(number, COUNT_PAUSE * options.pauseMs), (increment) =>
          this.increments.push(increment),
        ),
      );
    for (let number = 201; number < 201 + READERS; number += 1)
      this.#running.push(
        readAll(writing(number, READ_PAUSE * options.pauseMs, number > 201), (read) => this.reads.push(read)),
      );
  }
}
