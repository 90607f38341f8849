/** Looks on during a round: what the API says, and what members were seen to hold. */
import type { ClusterDetail } from '@cotton/api';
import { formatGtidSet, parseGtidSet, subtractGtidSets } from '@cotton/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { unionText } from './check/holdings.ts';
import type { Sight } from './history.ts';
import { executedOn } from './lab/cluster.ts';
import type { Lab } from './lab/lab.ts';

const API_POLL_MS = 100;
const MEMBER_POLL_MS = 700;

export class Watcher {
  readonly sights: Sight[] = [];
  readonly #lab: Lab;
  readonly #name: string;
  readonly #nowMs: () => number;
  readonly #held = new Map<string, string>();
  readonly #running: Promise<void>[];
  #reported = '';
  #isStopping = false;
  #latest: ClusterDetail;

  constructor(lab: Lab, cluster: ClusterDetail, nowMs: () => number) {
    this.#lab = lab;
    this.#name = cluster.name;
    this.#nowMs = nowMs;
    this.#latest = cluster;
    this.#note(cluster);
    this.#running = [this.#watchApi(), this.#watchMembers()];
  }

  /** What the API said last. */
  get latest(): ClusterDetail {
    return this.#latest;
  }

  /** The highest epoch that was seen. */
  get epoch(): number {
    return this.sights.at(-1)?.epoch ?? 0;
  }

  /** Every errant transaction that was reported. */
  get reported(): string {
    return this.#reported;
  }

  /** By member: what it was seen to have executed, without what is in `executed`. */
  strays(executed: string): Record<string, string> {
    const rest = [...this.#held].map(([instance, held]): [string, string] => [
      instance,
      formatGtidSet(subtractGtidSets(parseGtidSet(held), parseGtidSet(executed))),
    ]);
    return Object.fromEntries(rest.filter(([, gtids]) => gtids !== ''));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
  }

  async #watchApi(): Promise<void> {
    while (!this.#isStopping) {
      const cluster = await this.#lab.api.get(this.#name).catch(() => undefined);
      if (cluster) this.#note(cluster);
      await sleep(API_POLL_MS);
    }
  }

  #note(cluster: ClusterDetail): void {
    this.#latest = cluster;
    const { epoch, state, primary, reason } = cluster;
    const last = this.sights.at(-1);
    this.#reported = unionText([this.#reported, ...cluster.members.map(errantOf)]);
    // An answer that was under way while another scheduler took over tells of the past.
    if (last && epoch < last.epoch) return;
    if (last?.epoch === epoch && last.state === state && last.primary === primary && last.reason === reason)
      return;
    this.sights.push({ atMs: this.#nowMs(), epoch, state, primary, reason });
  }

  async #watchMembers(): Promise<void> {
    while (!this.#isStopping) {
      const looks = this.#latest.members.map(async (member) => {
        const executed = await executedOn(member);
        if (executed !== undefined)
          this.#held.set(member.id, unionText([this.#held.get(member.id) ?? '', executed]));
      });
      await Promise.all(looks);
      await sleep(MEMBER_POLL_MS);
    }
  }
}

function errantOf(member: object): string {
  if (!('errant' in member)) return '';
  return [...JSON.stringify(member.errant).matchAll(GTIDS)].map(([gtids]) => gtids).join(',');
}

const GTIDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::[a-z_0-9-]+)+/g;
