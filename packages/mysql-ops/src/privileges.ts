/**
 * What the cluster's user may do: an allow-list, so that a privilege of a later MySQL is not given by accident.
 * Everything an owner of databases needs, and nothing that could undo what docs/clustering.md promises.
 *
 * Some statements enter the binary log of a closed instance (MySQL 9.7, tried), as transactions that nobody else has:
 * such a replica is rebuilt. What can still do so, because it comes with privileges that an owner needs: FLUSH TABLES;
 * ANALYZE TABLE of a temporary table, of one not in InnoDB or of none at all, and its histograms; REPAIR TABLE;
 * OPTIMIZE TABLE of a temporary table. All these take NO_WRITE_TO_BINLOG. XA COMMIT and XA ROLLBACK of a prepared
 * transaction, which need no privilege at all, do not.
 */
export const USER_PRIVILEGES: readonly string[] = [
  ...[
    'SELECT',
    'INSERT',
    'UPDATE',
    'DELETE',
    'CREATE',
    'DROP',
    'REFERENCES',
    'INDEX',
    'ALTER',
    'TRIGGER',
    'EVENT',
  ],
  ...['CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE'],
  ...[
    'ALTER ROUTINE',
    'SHOW DATABASES',
    'PROCESS',
    'REPLICATION CLIENT',
    'CREATE USER',
    'CREATE ROLE',
    'DROP ROLE',
  ],
];

/** Dynamic ones; those that the running version does not know are left out. */
export const USER_DYNAMIC_PRIVILEGES: readonly string[] = [
  ...['APPLICATION_PASSWORD_ADMIN', 'FLUSH_TABLES', 'ROLE_ADMIN', 'SET_ANY_DEFINER', 'SHOW_ROUTINE'],
  ...['TABLE_ENCRYPTION_ADMIN', 'XA_RECOVER_ADMIN'],
];

/** Withheld on purpose; docs/reference says so with these words. */
export const WITHHELD: Readonly<Record<string, string>> = {
  SUPER: 'writes on a closed instance and sets every global variable',
  RELOAD: 'RESET BINARY LOGS AND GTIDS forgets positions; FLUSH_TABLES is given instead',
  SHUTDOWN: 'at a shutdown waiting writers are told OK',
  FILE: "reads and writes the host's files",
  'CREATE TABLESPACE': 'puts data outside the volume',
  'REPLICATION SLAVE': 'a client that calls itself a replica could acknowledge writes',
  SYSTEM_USER: "changes Cotton's own accounts",
  SYSTEM_VARIABLES_ADMIN: 'sets read_only, semi-sync and replication variables',
  PERSIST_RO_VARIABLES_ADMIN: 'the same, past a restart',
  SESSION_VARIABLES_ADMIN: 'sets sql_log_bin: writes that no replica ever sees',
  CONNECTION_ADMIN: 'writes while the instance is read_only and stays while it is offline',
  BINLOG_ADMIN: 'purges binary logs that replicas still need',
  REPLICATION_SLAVE_ADMIN: 'starts, stops and redirects replication, and switches semi-sync',
  REPLICATION_APPLIER: "applies events as if they came from another server's log",
  CLONE_ADMIN: "replaces the instance's data",
  BACKUP_ADMIN:
    "CLONE LOCAL writes into the host's directories, and LOCK INSTANCE keeps lost replicas from being locked out",
  FLUSH_OPTIMIZER_COSTS: 'enters the binary log of a closed instance, as a transaction that nobody else has',
  FLUSH_PRIVILEGES: 'the same; account statements need no flush',
  FLUSH_STATUS: 'the same',
  FLUSH_USER_RESOURCES: 'the same',
  TRANSACTION_GTID_TAG: 'gives transactions GTIDs of their own making',
  OPTIMIZE_LOCAL_TABLE: 'changes this instance only',
  INNODB_REDO_LOG_ENABLE: 'switches crash safety off',
  ENCRYPTION_KEY_ADMIN: 'rotates keys that replicas must share',
  GROUP_REPLICATION_ADMIN: 'not part of how Cotton runs MySQL',
};

/** Schemas in which the cluster's user only reads: writing grant tables would give everything above. */
export const READ_ONLY_SCHEMAS = ['mysql', 'cotton'] as const;

export const WRITING_PRIVILEGES: readonly string[] = [
  ...['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'TRIGGER', 'EVENT'],
  ...['CREATE TEMPORARY TABLES', 'LOCK TABLES', 'CREATE VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE'],
];

/**
 * A replica's account on the others: copies their binary logs also where clients are shut out, clones them, and is out
 * of the user's reach.
 */
export const REPLICATION_PRIVILEGES = [
  'REPLICATION SLAVE',
  'BACKUP_ADMIN',
  'CONNECTION_ADMIN',
  'SYSTEM_USER',
] as const;
