/** How a life of mysqld begins and ends. */
import { position } from '@cotton/mysql-ops';
import { adminOf, type StepContext } from './step-context.ts';

const QUERY_MS = 5_000;

export async function startMysqld(context: StepContext): Promise<void> {
  const { state, keeper, publish, shutdown } = context;
  state.mysqld = 'starting';
  state.activity = 'starts mysqld';
  publish();
  try {
    await keeper.start(shutdown);
    await noteServing(context);
  } catch (error) {
    // One that serves and was not noted would be known to nobody, and keep the next from starting.
    keeper.killWithoutWaiting();
    // A start can fail before there is a process whose end would say so.
    state.mysqld = 'down';
    throw error;
  }
}

/** Who serves now; after a start, and after a rebuild. */
export async function noteServing(context: StepContext): Promise<void> {
  const { state, keeper, shutdown } = context;
  const admin = adminOf(context);
  const { serverUuid } = await position(admin, { deadlineMs: QUERY_MS, signal: shutdown });
  if (keeper.admin !== admin) throw new Error('mysqld ended right after its start');
  state.serverUuid = serverUuid;
  state.incarnation = admin.incarnation;
  state.mysqld = 'serving';
}

export async function killMysqld({ keeper, log, state }: StepContext, because: string): Promise<void> {
  log.info({ because, epoch: state.epoch }, 'kills mysqld to start it closed');
  await keeper.kill();
}
