import type { AgentInfo } from '../messages.ts';

/** What outlives a master: which agents belong to the cluster. Frameworks and tasks do not. */
export interface RegistryState {
  admitted: (AgentInfo & { id: { value: string } })[];
  unreachable: { id: string; at: number }[];
  gone: { id: string; at: number }[];
  quotas: Record<string, unknown>;
  deactivated: string[];
}

export const emptyRegistry = (): RegistryState => ({
  admitted: [],
  unreachable: [],
  gone: [],
  quotas: {},
  deactivated: [],
});

/** Where the registry is kept: a file of the only master, or ZooKeeper for several. */
export interface RegistryStore {
  load(): Promise<RegistryState>;
  save(state: RegistryState): void;
}

const without = <T extends { id: string }>(list: T[], id: string): T[] =>
  list.filter((entry) => entry.id !== id);

/** The registry of the leading master; every change is saved before anybody is told. */
export class Registry {
  readonly #store: RegistryStore;
  #state = emptyRegistry();

  constructor(store: RegistryStore) {
    this.#store = store;
  }

  async recover(): Promise<void> {
    this.#state = { ...emptyRegistry(), ...(await this.#store.load()) };
  }

  get state(): Readonly<RegistryState> {
    return this.#state;
  }

  #change(change: Partial<RegistryState>): void {
    this.#state = { ...this.#state, ...change };
    this.#store.save(this.#state);
  }

  admit(info: AgentInfo & { id: { value: string } }): void {
    const others = this.#state.admitted.filter(({ id }) => id.value !== info.id.value);
    this.#change({
      admitted: [...others, info],
      unreachable: without(this.#state.unreachable, info.id.value),
    });
  }

  #expel(id: string): RegistryState['admitted'] {
    return this.#state.admitted.filter((info) => info.id.value !== id);
  }

  remove(id: string): void {
    this.#change({ admitted: this.#expel(id), unreachable: without(this.#state.unreachable, id) });
  }

  markUnreachable(id: string, at: number): void {
    this.#change({
      admitted: this.#expel(id),
      unreachable: [...without(this.#state.unreachable, id), { id, at }],
    });
  }

  markGone(id: string, at: number): void {
    const unreachable = without(this.#state.unreachable, id);
    this.#change({
      admitted: this.#expel(id),
      unreachable,
      gone: [...without(this.#state.gone, id), { id, at }],
    });
  }

  unreachableSince(id: string): number | undefined {
    return this.#state.unreachable.find((entry) => entry.id === id)?.at;
  }

  isGone(id: string): boolean {
    return this.#state.gone.some((entry) => entry.id === id);
  }

  setDeactivated(id: string, deactivated: boolean): void {
    const others = this.#state.deactivated.filter((other) => other !== id);
    this.#change({ deactivated: deactivated ? [...others, id] : others });
  }

  setQuotas(quotas: Record<string, unknown>): void {
    this.#change({ quotas });
  }
}
