/** For this package's tests: a cluster of three whose members do what the engine persists. */
import type { ClusterRecord, Status } from '@cotton/core';
import { World } from '@cotton/core/testing';
import type { Engine } from './engine.ts';
import { SecretKeeper } from './secrets.ts';
import { KEY, OutsideWorld, settled } from './testing.ts';

const open: Engine[] = [];
/** After each test. */
export function closeEngines(): void {
  open.splice(0).forEach((engine) => engine.close());
}

/** The engine has just taken over; or nothing was asked for yet. */
export class Kept {
  readonly outside = new OutsideWorld();
  readonly members = World.serving(3);
  engine: Engine;

  constructor({ isFormed = true } = {}) {
    const { record } = this.members;
    const sealedSecrets = new SecretKeeper(KEY).create(record.uid, 'secret');
    if (isFormed) this.outside.stored.set(record.uid, { record: { ...record, sealedSecrets }, version: 0 });
    this.engine = this.takeOver();
  }

  takeOver(): Engine {
    closeEngines();
    this.engine = this.outside.engine();
    open.push(this.engine);
    this.engine.load([...this.outside.stored.values()]);
    this.engine.subscribed();
    return this.engine;
  }

  get record(): ClusterRecord {
    const [stored] = this.outside.stored.values();
    if (!stored) throw new Error('nothing is stored');
    return stored.record;
  }

  async tell(): Promise<void> {
    const statuses = [...this.members.statuses.values()];
    for (const uid of this.outside.stored.keys()) this.outside.statuses(uid, statuses);
    await settled();
  }

  async say(id: string, over: Partial<Status> = {}): Promise<void> {
    this.members.record = this.record;
    this.members.obey(id, over);
    await this.tell();
  }

  /** Members do what the record says until nothing changes. */
  async settle(ids = ['demo-0', 'demo-1', 'demo-2']): Promise<void> {
    for (let before = ''; before !== JSON.stringify(this.record);) {
      before = JSON.stringify(this.record);
      for (const id of ids) await this.say(id);
    }
  }

  get kinds(): string[] {
    return this.outside.events.map(({ kind }) => kind);
  }
}
