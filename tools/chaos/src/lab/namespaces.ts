/** One network namespace per host, all on one bridge. Runs inside private namespaces: nothing outlives the tool. */
import type { Iproute } from '@cotton/setup';
import { execa } from 'execa';
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIENTS, type CutHow, type DiskKind, type Ground, type Host } from './host.ts';

const BRIDGE = 'chaos';
const INTERFACE = 'eth0';
const NAMESPACES = '/run/netns';
/** Belongs to nobody: frames to it vanish. */
const NOBODY = '02:00:00:00:00:00';
const COMMAND_LIMIT_MS = 20_000;

export class Namespaces implements Ground {
  readonly kind = 'namespaces';
  readonly disks: DiskKind;
  readonly #iproute: Iproute;
  readonly #hosts = new Map<string, Host>();
  /** What undoes the cuts. */
  #repairs: (() => Promise<void>)[] = [];

  static async create(iproute: Iproute, names: readonly string[], disks: DiskKind): Promise<Namespaces> {
    const ground = new Namespaces(iproute, disks);
    await ground.#makeBridge();
    for (const [index, name] of names.entries()) await ground.#makeHost(name, addressOf(index + 2));
    return ground;
  }

  private constructor(iproute: Iproute, disks: DiskKind) {
    this.#iproute = iproute;
    this.disks = disks;
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  async cut(one: string, other: string, how: CutHow): Promise<void> {
    if (how === 'one way') return this.#block(one, other, how);
    await Promise.all([this.#block(one, other, how), this.#block(other, one, how)]);
    if (how === 'reset') await Promise.all([this.#reset(one, other), this.#reset(other, one)]);
  }

  async unplug(name: string): Promise<void> {
    await this.#ip('link', 'set', name, 'nomaster');
    this.#repairs.push(() => this.#ip('link', 'set', name, 'master', BRIDGE));
  }

  async heal(): Promise<void> {
    const repairs = this.#repairs;
    this.#repairs = [];
    await Promise.all(repairs.map((repair) => repair()));
  }

  async #makeBridge(): Promise<void> {
    await mkdir(NAMESPACES, { recursive: true });
    // Names of ours must not meet those of the machine.
    await execa('mount', ['-t', 'tmpfs', 'tmpfs', NAMESPACES]);
    await this.#ip('link', 'set', 'lo', 'up');
    await this.#ip('link', 'add', BRIDGE, 'type', 'bridge');
    await this.#ip('addr', 'add', `${addressOf(1)}/24`, 'dev', BRIDGE);
    await this.#ip('link', 'set', BRIDGE, 'up');
    this.#hosts.set(CLIENTS, { name: CLIENTS, ip: addressOf(1), launcher: [] });
  }

  async #makeHost(name: string, ip: string): Promise<void> {
    await this.#ip('netns', 'add', name);
    await this.#ip('link', 'add', name, 'type', 'veth', 'peer', 'name', INTERFACE, 'netns', name);
    await this.#ip('link', 'set', name, 'master', BRIDGE, 'up');
    await this.#ip('-n', name, 'addr', 'add', `${ip}/24`, 'dev', INTERFACE);
    await this.#ip('-n', name, 'link', 'set', INTERFACE, 'up');
    await this.#ip('-n', name, 'link', 'set', 'lo', 'up');
    const bootIdFile = join(NAMESPACES, `${name}.boot-id`);
    await writeFile(bootIdFile, `${randomUUID()}\n`);
    const setUp = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
    const mounts = ['unshare', '--mount', 'sh', '-c', setUp, bootIdFile];
    const launcher = ['nsenter', `--net=${NAMESPACES}/${name}`, ...mounts];
    this.#hosts.set(name, { name, ip, launcher, bootIdFile });
  }

  async #block(from: string, to: string, how: CutHow): Promise<void> {
    const { ip } = this.host(to);
    const device = from === CLIENTS ? BRIDGE : INTERFACE;
    const change = (...args: string[]) => this.#ip(...(from === CLIENTS ? [] : ['-n', from]), ...args);
    // The same two may be cut twice, and need only one repair.
    const repair = (...args: string[]) => this.#repairs.push(() => change(...args).catch(() => undefined));
    if (how !== 'reset') {
      await change('neigh', 'replace', ip, 'lladdr', NOBODY, 'nud', 'permanent', 'dev', device);
      repair('neigh', 'del', ip, 'dev', device);
    } else {
      await change('route', 'replace', 'unreachable', ip);
      repair('route', 'del', 'unreachable', ip);
    }
  }

  async #reset(on: string, peer: string): Promise<void> {
    const command = [this.#iproute.ss, '--kill', '--tcp', 'dst', this.host(peer).ip];
    const [program = '', ...args] =
      on === CLIENTS ? command : ['nsenter', `--net=${NAMESPACES}/${on}`, ...command];
    await execa(program, args, { env: this.#iproute.env, timeout: COMMAND_LIMIT_MS });
  }

  async #ip(...args: string[]): Promise<void> {
    await execa(this.#iproute.ip, args, { env: this.#iproute.env, timeout: COMMAND_LIMIT_MS });
  }
}

function addressOf(number: number): string {
  return `10.77.0.${number}`;
}
