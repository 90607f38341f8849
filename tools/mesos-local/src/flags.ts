/** Mesos-style flags: `--name=value`, `--name value`, `--name`, `--no-name`. */
export class Flags {
  readonly #values: Map<string, string>;

  constructor(argv: string[]) {
    this.#values = new Map();
    for (let at = 0; at < argv.length; at += 1) {
      const [, name, value] = /^--([A-Za-z_-]+)(?:=([\s\S]*))?$/.exec(argv[at]!) ?? [];
      if (!name) throw new Error(`not a flag: ${argv[at]}`);
      const next = argv[at + 1];
      if (value !== undefined) this.#values.set(name, value);
      else if (name.startsWith('no-')) this.#values.set(name.slice(3), 'false');
      else if (next !== undefined && !next.startsWith('--')) {
        this.#values.set(name, next);
        at += 1;
      } else this.#values.set(name, 'true');
    }
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string, otherwise?: string): string {
    const value = this.#values.get(name) ?? otherwise;
    if (value === undefined) throw new Error(`--${name} is required`);
    return value;
  }

  optional(name: string): string | undefined {
    return this.#values.get(name);
  }

  flag(name: string, otherwise = false): boolean {
    const value = this.#values.get(name);
    return value === undefined ? otherwise : value !== 'false';
  }

  number(name: string, otherwise?: number): number {
    const value = Number(this.text(name, otherwise === undefined ? undefined : String(otherwise)));
    if (!Number.isFinite(value)) throw new Error(`--${name} must be a number`);
    return value;
  }

  /** A Mesos duration such as `15secs`, in milliseconds. */
  durationMs(name: string, otherwise: string): number {
    return parseDurationMs(this.text(name, otherwise));
  }

  /** All flags as given, for `/state`. */
  all(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }
}

const UNITS_MS: [string, number][] = [
  ['weeks', 604_800_000],
  ['days', 86_400_000],
  ['hrs', 3_600_000],
  ['mins', 60_000],
  ['secs', 1000],
  ['ms', 1],
  ['us', 1e-3],
  ['ns', 1e-6],
];

export function parseDurationMs(text: string): number {
  const [, amount, unit] = /^([\d.]+)(ns|us|ms|secs|mins|hrs|days|weeks)$/.exec(text) ?? [];
  const scale = UNITS_MS.find(([name]) => name === unit)?.[1];
  if (scale === undefined) throw new Error(`not a duration: '${text}' (write 5secs, 1mins, 500ms)`);
  return Number(amount) * scale;
}

/** As Mesos prints durations: the largest unit that gives at least one, `5secs`, `1.5mins`. */
export function printDuration(ms: number): string {
  const [unit, scale] = UNITS_MS.find(([, size]) => ms >= size) ?? ['ns', 1e-6];
  return `${Number((ms / scale).toFixed(6))}${unit}`;
}

/** The path a flag names, plain or as `file://`. */
export const fileOf = (value: string): string => value.replace(/^file:\/\//, '');
