/** What a `start …` line says, machine-bound flags left out. */
export interface StartLine {
  name: string;
  role: 'master' | 'agent';
  /** Port in the recording. */
  port: number;
  flags: Record<string, string>;
}

const MACHINE = new Set([
  'ip',
  'hostname',
  'hostname_lookup',
  'port',
  'work_dir',
  'webui_dir',
  'runtime_dir',
  'fetcher_cache_dir',
  'launcher_dir',
  'launcher',
  'isolation',
  'containerizers',
  'systemd_enable_support',
  'cgroups_root',
  'registry',
  'quorum',
]);

/** Reads `start agent-1: mesos-agent --flag=value …`. */
export function parseStart(note: string): StartLine | undefined {
  const [, name, role, rest] = /^start (\S+): mesos-(master|agent) ?(.*)$/.exec(note) ?? [];
  if (name === undefined) return undefined;
  const all: Record<string, string> = {};
  for (const word of rest!.split(/ (?=--)/)) {
    const [, no, flag, value] = /^--(no-)?([a-z_]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (flag !== undefined) all[flag] = value ?? (no ? 'false' : 'true');
  }
  const flags = Object.fromEntries(Object.entries(all).filter(([flag]) => !MACHINE.has(flag)));
  return { name, role: role as 'master' | 'agent', port: Number(all.port), flags };
}
