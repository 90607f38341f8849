import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ZooKeeperMember {
  /** 1 and up; the server's `myid`. */
  id: number;
  host: string;
  quorumPort: number;
  electionPort: number;
}

export interface ZooKeeperConfig {
  dataDir: string;
  host: string;
  port: number;
  tickTimeMs: number;
  /** Which of `members` this server is; without members it stands alone. */
  self?: number;
  members?: ZooKeeperMember[];
}

/** Writes what a server reads at start into its data directory; returns the path of its configuration. */
export async function writeZooKeeperConfig(config: ZooKeeperConfig): Promise<string> {
  await mkdir(join(config.dataDir, 'data'), { recursive: true });
  if (config.self !== undefined) await writeFile(join(config.dataDir, 'data/myid'), `${config.self}\n`);
  await writeFile(join(config.dataDir, 'log4j.properties'), LOG4J);
  const file = join(config.dataDir, 'zoo.cfg');
  await writeFile(file, `${configLines(config).join('\n')}\n`);
  return file;
}

function configLines(config: ZooKeeperConfig): string[] {
  return [
    `dataDir=${join(config.dataDir, 'data')}`,
    `clientPort=${config.port}`,
    `clientPortAddress=${config.host}`,
    `tickTime=${config.tickTimeMs}`,
    'minSessionTimeout=1000', // failover tests need sessions that end soon
    'maxSessionTimeout=60000',
    'maxClientCnxns=0', // all clients come from one address here
    'admin.enableServer=false',
    '4lw.commands.whitelist=ruok,srvr,conf,mntr,cons,wchs',
    'initLimit=20',
    'syncLimit=10',
    ...(config.members ?? []).map((m) => `server.${m.id}=${m.host}:${m.quorumPort}:${m.electionPort}`),
  ];
}

const LOG4J = `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} %m%n
`;
