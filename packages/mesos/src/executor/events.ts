import type {
  AgentInfo,
  ExecutorEvent,
  ExecutorInfo,
  FrameworkInfo,
  TaskInfo,
} from '../wire/generated/types.ts';
import { milliseconds } from '../wire/time.ts';

/** What an executor learns from its agent. */
export type AgentEvent =
  | { type: 'launch'; task: TaskInfo }
  | { type: 'launch_group'; tasks: TaskInfo[] }
  /** May come repeatedly. Without a grace period the executor chooses (the task's kill_policy is not filled in). */
  | { type: 'kill'; taskId: string; gracePeriodMs?: number }
  /** The agent has checkpointed the update; the scheduler may not have it yet. */
  | { type: 'acknowledged'; taskId: string; uuid: Uint8Array }
  | { type: 'message'; data: Uint8Array }
  /** End all tasks, report them, exit: SIGKILL follows after the shutdown grace period. */
  | { type: 'shutdown' };

/** Everything an `ExecutorConnection` tells its owner. */
export type ExecutorConnectionEvent =
  | AgentEvent
  /** Also after the agent's restart, then without a new LAUNCH. */
  | { type: 'subscribed'; executor: ExecutorInfo; framework: FrameworkInfo; agent: AgentInfo }
  /** The agent is away or not ready; tasks go on, updates are kept. */
  | { type: 'disconnected'; reason: string; retryInMs: number }
  /** The agent called an update invalid; it will never reach the scheduler. */
  | { type: 'update_rejected'; taskId: string; message: string }
  /**
   * The agent does not know this executor (any more). Its volume may already be offered and
   * relaunched on: let go of it and exit. Nothing follows.
   */
  | { type: 'rejected'; message: string }
  /** The agent stayed away for too long, or at all where nothing is checkpointed: exit. Nothing follows. */
  | { type: 'lost'; reason: string };

/** The event in a record; undefined for SUBSCRIBED, ERROR, HEARTBEAT and what this library does not know. */
export function agentEvent(event: ExecutorEvent): AgentEvent | undefined {
  const { launch, launchGroup, kill, acknowledged, message } = event;
  switch (event.type) {
    case 'LAUNCH':
      return launch && { type: 'launch', task: launch.task };
    case 'LAUNCH_GROUP':
      return launchGroup && { type: 'launch_group', tasks: launchGroup.taskGroup.tasks ?? [] };
    case 'KILL': {
      const grace = kill?.killPolicy?.gracePeriod;
      return (
        kill && {
          type: 'kill',
          taskId: kill.taskId.value,
          ...(grace && { gracePeriodMs: milliseconds(grace) }),
        }
      );
    }
    case 'ACKNOWLEDGED':
      return (
        acknowledged && { type: 'acknowledged', taskId: acknowledged.taskId.value, uuid: acknowledged.uuid }
      );
    case 'MESSAGE':
      return message && { type: 'message', data: message.data };
    case 'SHUTDOWN':
      return { type: 'shutdown' };
    default:
      return undefined;
  }
}
