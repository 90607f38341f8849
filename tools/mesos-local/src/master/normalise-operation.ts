import type { ExecutorInfo, Operation, TaskInfo } from '../messages.ts';
import { upgrade } from '../resources/convert.ts';
import type { Resource } from '../resources/types.ts';

/**
 * A framework may leave the allocation out, may use the old format of reservations, and need not name itself in the
 * executor of a LAUNCH (`master.cpp`, `Master::accept`; for LAUNCH_GROUP it must).
 */
export function normaliseOperation(operation: Operation, role: string, frameworkId: string): Operation {
  const one = (resource: Resource): Resource => ({
    ...upgrade(resource),
    allocation_info: resource.allocation_info ?? { role },
  });
  const list = (resources: Resource[] | undefined) => (resources ?? []).map(one);
  const executor = (info: ExecutorInfo): ExecutorInfo =>
    info.resources ? { ...info, resources: list(info.resources) } : info;
  const task = (info: TaskInfo): TaskInfo => ({
    ...info,
    ...(info.resources && { resources: list(info.resources) }),
    ...(info.executor && { executor: executor({ framework_id: { value: frameworkId }, ...info.executor }) }),
  });
  const {
    reserve,
    unreserve,
    create,
    destroy,
    grow_volume: grow,
    shrink_volume: shrink,
    launch,
    launch_group: group,
  } = operation;
  return {
    ...operation,
    ...(reserve && { reserve: { ...reserve, resources: list(reserve.resources) } }),
    ...(unreserve && { unreserve: { resources: list(unreserve.resources) } }),
    ...(create && { create: { volumes: list(create.volumes) } }),
    ...(destroy && { destroy: { volumes: list(destroy.volumes) } }),
    ...(grow && { grow_volume: { volume: one(grow.volume), addition: one(grow.addition) } }),
    ...(shrink && { shrink_volume: { ...shrink, volume: one(shrink.volume) } }),
    ...(launch && { launch: { task_infos: (launch.task_infos ?? []).map(task) } }),
    ...(group && {
      launch_group: {
        executor: executor(group.executor),
        task_group: { tasks: (group.task_group?.tasks ?? []).map(task) },
      },
    }),
  };
}
