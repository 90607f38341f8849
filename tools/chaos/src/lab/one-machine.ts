/** Without root: every host is this machine, under loopback addresses, and no connection can be cut. */
import { CLIENTS, type Ground, type Host } from './host.ts';

const LOOPBACK = '127.0.0.1';
const FIRST_AGENT = 2;

export class OneMachine implements Ground {
  readonly kind = 'processes';
  readonly disks = 'shared';
  readonly #hosts = new Map<string, Host>();

  /** @param agents names of the hosts that need an address of their own */
  constructor(names: readonly string[], agents: readonly string[]) {
    for (const name of [CLIENTS, ...names]) {
      const agent = agents.indexOf(name);
      const ip = agent < 0 ? LOOPBACK : `127.0.0.${FIRST_AGENT + agent}`;
      this.#hosts.set(name, { name, ip, launcher: [] });
    }
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  cut(one: string, other: string): Promise<void> {
    throw new Error(`${one} and ${other} cannot be cut apart without network namespaces`);
  }

  unplug(name: string): Promise<void> {
    throw new Error(`${name} cannot be cut off without network namespaces`);
  }

  async heal(): Promise<void> {}
}
