import type { ClusterRecord, Launch, TaskData } from '@cotton/core';
import { encodeTaskData, serverId } from '@cotton/core';
import type { CommandInfo, TaskInfo } from '@cotton/mesos';
import type { Footing } from './operations.ts';
import { VOLUME_PATH } from './operations.ts';

/** What of the scheduler's flags goes into every task. */
export interface ExecutorSettings {
  command: CommandInfo;
  /** `source` of ExecutorInfo: groups tasks in Mesos' statistics. */
  sourcePrefix: string | undefined;
  /** Default 5 s is too short for an orderly shutdown of InnoDB. */
  shutdownGraceMs: number;
  zk: TaskData['zk'];
  installerArgs: string | undefined;
}

/** One task and one executor for each run of an instance; both are named by the task id. */
export function taskInfoFor(
  record: ClusterRecord,
  launch: Launch,
  footing: Footing,
  settings: ExecutorSettings,
  instanceKey: Buffer,
): TaskInfo {
  const agentId = { value: launch.agentId };
  const data = taskDataFor(record, launch, settings, instanceKey);
  return {
    name: launch.instance,
    taskId: { value: launch.taskId },
    agentId,
    resources: footing.task,
    executor: {
      type: 'CUSTOM',
      executorId: { value: launch.taskId },
      name: `cotton executor of ${launch.instance}`,
      source: [settings.sourcePrefix, record.name, data.serverId].filter(Boolean).join('.'),
      command: settings.command,
      resources: footing.executor,
      shutdownGracePeriod: { nanoseconds: BigInt(settings.shutdownGraceMs) * 1_000_000n },
    },
    labels: {
      labels: [
        { key: 'cotton_cluster', value: record.uid },
        { key: 'cotton_cluster_name', value: record.name },
        { key: 'cotton_instance', value: launch.instance },
      ],
    },
    discovery: {
      visibility: 'CLUSTER',
      name: record.name,
      ports: {
        ports: [
          { number: launch.home.port, name: 'mysql', protocol: 'tcp' },
          { number: launch.home.httpPort, name: 'http', protocol: 'tcp' },
        ],
      },
    },
    data: encodeTaskData(data),
  };
}

function taskDataFor(
  record: ClusterRecord,
  launch: Launch,
  settings: ExecutorSettings,
  instanceKey: Buffer,
): TaskData {
  const ordinal = record.instances.find((i) => i.id === launch.instance)?.ordinal ?? 0;
  return {
    format: 1,
    cluster: { uid: record.uid, name: record.name },
    instance: launch.instance,
    ordinal,
    serverId: serverId(ordinal),
    taskId: launch.taskId,
    volumeId: launch.home.volumeId,
    volumePath: VOLUME_PATH,
    agentId: launch.home.agentId,
    address: launch.home.address,
    host: launch.home.hostname,
    port: launch.home.port,
    httpPort: launch.home.httpPort,
    size: record.spec.size,
    zk: settings.zk,
    key: instanceKey.toString('base64'),
    installerArgs: settings.installerArgs ?? null,
  };
}
