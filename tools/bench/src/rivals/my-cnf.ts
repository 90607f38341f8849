/** my.cnf of a server set up by hand: what Cotton gave its own mysqld, without what makes that one Cotton's. */
export type Setting = readonly [name: string, value?: string];

/** Role, identity and place, and what only a server that waits for an executor needs. */
const NOT_COTTONS = new RegExp(
  `^(${[
    'super_read_only|skip_replica_start|event_scheduler|init_file',
    'plugin_load_add|rpl_semi_sync_.*',
    'datadir|tmpdir|socket|pid_file|log_error',
    'server_id|bind_address|port',
  ].join('|')})$`,
);

/** Takes memory, durability and all other settings from `cottons`, a my.cnf in Cotton's volume, and adds `own`. */
export function handMadeConfig(cottons: string, own: readonly Setting[]): string {
  const shared = readSettings(cottons).filter(([name]) => !NOT_COTTONS.test(name));
  const lines = [...shared, ...own].map(([name, value]) =>
    value === undefined ? name : `${name} = ${value}`,
  );
  return ['[mysqld]', ...lines, ''].join('\n');
}

/** What a my.cnf of Cotton says, in its order; a later one of the same name wins. */
export function readSettings(config: string): Setting[] {
  return config.split('\n').flatMap((line): Setting[] => {
    const text = line.trim();
    if (text === '' || text.startsWith('#') || text.startsWith('[')) return [];
    const [name = '', ...value] = text.split('=');
    return [value.length > 0 ? [name.trim(), value.join('=').trim()] : [name.trim()]];
  });
}
