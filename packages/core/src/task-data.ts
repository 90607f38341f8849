/**
 * What the scheduler tells an executor in `TaskInfo.data`: Mesos shows that field to nobody but the executor
 * (it is not part of `Task`, so neither `/state` nor the operator API carries it), so the key may travel there.
 */
import { DocumentError } from './errors.ts';

export interface TaskData {
  format: 1;
  cluster: { uid: string; name: string };
  instance: string;
  ordinal: number;
  serverId: number;
  taskId: string;
  volumeId: string;
  /** Path of the persistent volume, relative to the sandbox. */
  volumePath: string;
  /** Of the agent that it was launched on; `address` as in `Place`. */
  agentId: string;
  address: string;
  /** Name under which clients and members reach this instance: the offer's hostname. */
  host: string;
  port: number;
  httpPort: number;
  size: { cpus: number; memMb: number; diskMb: number };
  zk: { servers: string; path: string; auth?: { user: string; password: string }; sessionTimeoutMs: number };
  /** 32 bytes, base64: unseals this instance's entry in `Control.secrets`. */
  key: string;
  /** `--installer_args`, handed through to the PackageInstaller. */
  installerArgs: string | null;
}

/** The plain text inside a sealed entry of `Control.secrets`. */
export interface InstanceSecrets {
  userPassword: string;
  replicationPassword: string;
}

export function encodeTaskData(data: TaskData): Buffer {
  return Buffer.from(JSON.stringify(data));
}

/** @throws DocumentError when the bytes are not a task's data of a known format. */
export function parseTaskData(bytes: Uint8Array): TaskData {
  let data: Partial<TaskData>;
  try {
    data = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<TaskData>;
  } catch (cause) {
    throw new DocumentError('task data', 'is not JSON', cause);
  }
  if (data?.format !== 1 || !data.cluster || !data.instance || !data.zk || !data.key)
    throw new DocumentError('task data', 'has an unknown format or lacks members');
  return data as TaskData;
}
