import type { Log } from '@cotton/log';
import type { ZooKeeperState } from '@cotton/zookeeper';
import type { InstanceState } from './instance-state.ts';
import type { MysqldKeeper } from './mysqld-keeper.ts';
import { silentForMs } from './pulse.ts';

const TICK_MS = 200;

export interface FenceParts {
  state: InstanceState;
  keeper: Pick<MysqldKeeper, 'killWithoutWaiting'>;
  /** Judged by our own clock at the moment of asking. */
  session: () => ZooKeeperState;
  boundMs: () => number;
  log: Log;
}

/**
 * Ends a primary that may have been deposed without hearing of it. It can acknowledge nothing any more, but it would
 * go on answering reads. Asked by the clock and not by events: also right after this process was stopped for a while.
 */
export function startFence({ state, keeper, session, boundMs, log }: FenceParts): () => void {
  const look = (): void => {
    const nowMs = performance.now();
    if (!mustFence(state, session(), boundMs(), nowMs)) return;
    const silent = Math.round(silentForMs(state.pulse, nowMs));
    state.notice = `mysqld was killed: no ZooKeeper session, and no write acknowledged for ${silent} ms`;
    log.error({ epoch: state.open?.epoch, silentForMs: silent }, 'cut off: kills mysqld');
    keeper.killWithoutWaiting();
  };
  const timer = setInterval(look, TICK_MS);
  return () => clearInterval(timer);
}

/**
 * With its session lost it may have been replaced. As long as its markers are acknowledged it has not: an election
 * stops those who acknowledge first. And alone (k = 0) nobody else is electable.
 */
export function mustFence(
  { open, pulse }: Pick<InstanceState, 'open' | 'pulse'>,
  session: ZooKeeperState,
  boundMs: number,
  nowMs: number,
): boolean {
  if (!open || open.ackCount === 0) return false;
  return (session === 'lost' || session === 'closed') && silentForMs(pulse, nowMs) >= boundMs;
}
