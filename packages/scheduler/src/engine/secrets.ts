/** A cluster's secrets: made once, kept sealed in its record, handed to each executor sealed with that instance's key. */
import type { ClusterRecord, InstanceSecrets } from '@cotton/core';
import { seal, unseal } from '@cotton/coordination';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

interface ClusterSecrets extends InstanceSecrets {
  /** Instance keys are derived from this, so that any leader derives the same. */
  keySeed: string;
}

const PASSWORD_BYTES = 18;

export class SecretKeeper {
  readonly #schedulerKey: Buffer;
  readonly #opened = new Map<string, { sealed: string; secrets: ClusterSecrets }>();
  readonly #entries = new Map<string, { instances: string; entries: Record<string, string> }>();

  /** @param schedulerKey exactly 32 bytes (`--scheduler_keypath`) */
  constructor(schedulerKey: Buffer) {
    this.#schedulerKey = schedulerKey;
  }

  /** New secrets for the cluster `uid`, sealed for its record. */
  create(uid: string, userPassword: string | undefined): string {
    const secrets: ClusterSecrets = {
      userPassword: userPassword ?? newPassword(),
      replicationPassword: newPassword(),
      keySeed: randomBytes(32).toString('base64'),
    };
    return seal(this.#schedulerKey, JSON.stringify(secrets), uid);
  }

  /** @throws CoordinationError `unseal_failed` when the record was sealed with another scheduler key */
  open(record: ClusterRecord): ClusterSecrets {
    const known = this.#opened.get(record.uid);
    if (known?.sealed === record.sealedSecrets) return known.secrets;
    const secrets = JSON.parse(
      unseal(this.#schedulerKey, record.sealedSecrets, record.uid),
    ) as ClusterSecrets;
    this.#opened.set(record.uid, { sealed: record.sealedSecrets, secrets });
    return secrets;
  }

  /** The key that travels in the instance's task. 32 bytes. */
  instanceKey(record: ClusterRecord, instance: string): Buffer {
    const seed = Buffer.from(this.open(record).keySeed, 'base64');
    return createHmac('sha256', seed).update(`instance ${instance}`).digest();
  }

  /** `Control.secrets`: for each instance that should run, what it must know, readable only with its key. */
  controlEntries(record: ClusterRecord): Record<string, string> {
    const ids = record.instances.filter((i) => i.intent === 'run').map((i) => i.id);
    const instances = ids.join();
    const known = this.#entries.get(record.uid);
    if (known?.instances === instances) return known.entries;
    const { userPassword, replicationPassword } = this.open(record);
    const plain = JSON.stringify({ userPassword, replicationPassword } satisfies InstanceSecrets);
    const entries = Object.fromEntries(
      ids.map((id) => [
        id,
        known?.entries[id] ?? seal(this.instanceKey(record, id), plain, `${record.uid}/${id}`),
      ]),
    );
    this.#entries.set(record.uid, { instances, entries });
    return entries;
  }

  checkPassword(record: ClusterRecord, password: string): boolean {
    const digest = (text: string) => createHmac('sha256', this.#schedulerKey).update(text).digest();
    return timingSafeEqual(digest(password), digest(this.open(record).userPassword));
  }

  forget(uid: string): void {
    this.#opened.delete(uid);
    this.#entries.delete(uid);
  }
}

function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url');
}
