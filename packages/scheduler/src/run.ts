/** The life of a scheduler process: flags, HTTP as a standby, election, at most one term as leader. */
import type { SchedulerExit } from '@cotton/api';
import { LeaderElection } from '@cotton/coordination';
import { isZooKeeperError, ZooKeeper } from '@cotton/zookeeper';
import type { Server as TlsServer } from 'node:tls';
import { loadDashboard } from './adapters/dashboard.ts';
import type { SchedulerFlags } from './flags.ts';
import { isLoopback, parseFlags } from './flags.ts';
import { buildServer } from './http/server.ts';
import { followCertificate, loadTls } from './http/tls.ts';
import type { Log } from './log.ts';
import { createLog } from './log.ts';
import { RefusedByMesosError } from './mesos/refusal.ts';
import { SchedulerService } from './service.ts';
import type { Term } from './term.ts';
import { startTerm } from './term.ts';

const ZOOKEEPER_START_MS = 30_000;

/** Runs until it is told to stop or cannot go on; the answer says how the process must exit. */
export async function run(argv: string[], env: NodeJS.ProcessEnv): Promise<SchedulerExit> {
  const outcome = parseFlags(argv, env);
  if (outcome.kind === 'help') {
    process.stdout.write(outcome.text);
    return 'ok';
  }
  if (outcome.kind === 'problems') {
    for (const { message } of outcome.problems) process.stderr.write(`cotton-scheduler: ${message}\n`);
    return 'flags';
  }
  const { flags, warnings } = outcome;
  const log = createLog({ verbose: flags.verbose });
  for (const warning of warnings) log.warn(warning);
  try {
    return await serve(flags, log);
  } catch (error) {
    const exit = exitFor(error);
    log.fatal({ err: error, exit }, (error as Error).message);
    return exit;
  }
}

async function serve(flags: SchedulerFlags, log: Log): Promise<SchedulerExit> {
  const url = `${flags.tls ? 'https' : 'http'}://${flags.advertise}:${flags.port}`;
  const service = new SchedulerService(flags.zk, url);
  const app = await listen(flags, service, log);
  const zookeeper = await ZooKeeper.connect({
    ...flags.zk,
    sessionTimeoutMs: flags.zkSessionTimeoutMs,
    deadlineMs: ZOOKEEPER_START_MS,
    log: (message, fields) => log.debug(fields, message),
  });
  try {
    return await candidacy(flags, service, zookeeper, url, log);
  } finally {
    await app.close();
    await zookeeper.close();
  }
}

async function listen(
  flags: SchedulerFlags,
  service: SchedulerService,
  log: Log,
): Promise<{ close(): Promise<unknown> }> {
  const app = await buildServer(service, {
    access: flags.access,
    passwordMatches: (cluster, password) => service.passwordMatches(cluster, password),
    advertise: flags.advertise,
    loopbackOnly: isLoopback(flags.bind),
    mesos: () => service.mesos,
    dashboard: await loadDashboard(),
    log,
    tls: flags.tls && (await loadTls(flags.tls)),
  });
  const unfollow = flags.tls && followCertificate(app.server as unknown as TlsServer, flags.tls, log);
  if (unfollow) app.addHook('onClose', async () => unfollow());
  await app.listen({ host: flags.bind, port: flags.port });
  log.info({ bind: flags.bind, port: flags.port }, 'serving HTTP');
  return app;
}

/** Stands for election until this process stops, or its term (there is only one) ends. */
async function candidacy(
  flags: SchedulerFlags,
  service: SchedulerService,
  zookeeper: ZooKeeper,
  url: string,
  log: Log,
): Promise<SchedulerExit> {
  let term: Promise<Term> | undefined;
  const ended = Promise.withResolvers<SchedulerExit>();
  const onFatal = (error: unknown): void => ended.reject(error);
  const candidate = { host: flags.advertise, port: flags.port, url };
  const election = new LeaderElection(zookeeper, flags.zk.path, candidate, {
    onElected: () => {
      log.info('elected');
      service.elected();
      term = startTerm({ flags, zookeeper, election, service, url, log, onFatal });
      term.catch(onFatal);
    },
    // A process that lost its leadership ends: nothing it still has in hand can then be sent late.
    onLost: (reason) => {
      log.error({ reason }, 'leadership lost');
      ended.resolve('leadership');
    },
    onLeader: (leader) => service.leaderIs(leader?.url),
  });
  service.standsBy();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve('ok'));
  try {
    await election.start();
    return await ended.promise;
  } finally {
    await (await term?.catch(() => undefined))?.end();
    await election.resign();
  }
}

/** Which documented way to exit an error is. */
function exitFor(error: unknown): SchedulerExit {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (error instanceof RefusedByMesosError) return 'mesos';
  if (code === 'corrupt_state' || code === 'unseal_failed' || code === 'bad_document') return 'state';
  if (code === 'deposed' || code === 'not_leader' || code === 'conflict') return 'leadership';
  if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') return 'port';
  return isZooKeeperError(error) ? 'zookeeper' : 'internal';
}
