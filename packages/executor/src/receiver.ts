import { hasCode, stopReceiving } from '@cotton/mysql-ops';
import { forgetSource } from './instance-state.ts';
import { adminOf, type StepContext } from './step-context.ts';

/** Long enough for a healthy receiver; one that hangs (full disk) must not hold up an election. */
const STOP_RECEIVER_MS = 500;

export async function stopReceiver(context: StepContext): Promise<void> {
  const { state, keeper, signal, log } = context;
  try {
    await stopReceiving(adminOf(context), { deadlineMs: STOP_RECEIVER_MS, signal });
    forgetSource(state);
  } catch (error) {
    if (!hasCode(error, 'deadline')) throw error;
    log.warn({ deadlineMs: STOP_RECEIVER_MS }, 'the receiver does not stop: kills mysqld');
    await keeper.kill();
  }
}
