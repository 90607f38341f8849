import type { Json, JsonObject } from '../trace/trace.ts';

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-[OS]?\d+)?/g;
const UUID_BYTES = /^[A-Za-z0-9+/]{22}==$/;
const PORT = /(?<=:)6\d{3}\b/g;

/**
 * Which id of the target stands for which id of the recording: framework, agent, offer, container and
 * stream ids, uuids, ports and directories. An id is bound where it is first seen in an answer and must
 * be the same from then on.
 */
export class Identity {
  #ids = new Map<string, string>();
  /** Offers the recording saw apart and the target together, or the other way round. */
  readonly #offers = new Map<string, string[]>();
  readonly #ports = new Map<string, string>();
  readonly #places = new Map<string, string>();
  readonly #hosts = new Set<string>();

  bindPort(recorded: number, actual: number): void {
    this.#ports.set(String(recorded), String(actual));
  }

  /** Binds a `<PLACE:name>` of the recording to a directory. */
  bindPlace(place: string, directory: string): void {
    this.#places.set(place, directory);
  }

  /** A host of the target; the recording has only 127.0.0.1. */
  addHost(host: string): void {
    this.#hosts.add(host);
  }

  bindOffer(recorded: string, actual: string[]): void {
    this.#offers.set(recorded, actual);
  }

  offer(recorded: string): string[] {
    return this.#offers.get(recorded) ?? [this.#ids.get(recorded) ?? recorded];
  }

  /** Runs a comparison; what it bound is kept only when it found no difference. */
  attempt(compare: () => string[]): string[] {
    const before = new Map(this.#ids);
    const differences = compare();
    if (differences.length > 0) this.#ids = before;
    return differences;
  }

  isUuidBytes(text: string): boolean {
    return UUID_BYTES.test(text);
  }

  /** Whether one id may stand for the other; binds it when neither is bound yet. */
  same(recorded: string, actual: string): boolean {
    const bound = this.#ids.get(recorded);
    if (bound !== undefined) return bound === actual;
    if ([...this.#ids.values()].includes(actual)) return false;
    this.#ids.set(recorded, actual);
    return true;
  }

  /** Whether a recorded text and the target's say the same, ids, ports and directories aside. */
  sameText(recorded: string, actual: string): boolean {
    const expected = this.#withPorts(recorded);
    const theirs = this.#withHosts(actual);
    const expectedIds = expected.match(ID) ?? [];
    const theirIds = theirs.match(ID) ?? [];
    if (expected.replace(ID, '<ID>') !== theirs.replace(ID, '<ID>')) return false;
    return expectedIds.every((id, index) => this.same(id, theirIds[index]!));
  }

  /** A recorded text as it must be sent to the target. */
  text(recorded: string): string {
    return this.#withPorts(recorded).replace(ID, (id) => this.#ids.get(id) ?? id);
  }

  port(recorded: number): number {
    return Number(this.#ports.get(String(recorded)) ?? recorded);
  }

  /** A recorded request as it must be sent to the target. */
  request(recorded: Json, key = ''): Json {
    if (typeof recorded === 'string') {
      return UUID_BYTES.test(recorded) ? (this.#ids.get(recorded) ?? recorded) : this.text(recorded);
    }
    if (Array.isArray(recorded)) {
      return key === 'offer_ids' ? this.#offerIds(recorded) : recorded.map((one) => this.request(one));
    }
    if (recorded === null || typeof recorded !== 'object') return recorded;
    return Object.fromEntries(
      Object.entries(recorded).map(([name, value]) => [name, this.request(value, name)]),
    );
  }

  /** The same actual offer is named once, unless the recording itself names one twice. */
  #offerIds(recorded: Json[]): Json[] {
    const named = recorded.map((id) => (id as { value: string }).value);
    const actual = named.flatMap((id) => this.offer(id));
    const kept = new Set(named).size < named.length ? actual : [...new Set(actual)];
    return kept.map((value): JsonObject => ({ value }));
  }

  #withPorts(text: string): string {
    let changed = text.replace(PORT, (port) => this.#ports.get(port) ?? port);
    for (const [place, directory] of this.#places) changed = changed.replaceAll(place, directory);
    return changed;
  }

  #withHosts(text: string): string {
    let changed = text;
    for (const host of this.#hosts) changed = changed.replaceAll(host, '127.0.0.1');
    return changed;
  }
}
