import { isTerminal } from '../messages.ts';
import { addResources } from '../resources/resource-list.ts';
import type { Resource } from '../resources/types.ts';
import type { Agent } from './model.ts';

/** What the live tasks and executors of every framework use on an agent, with their allocation. */
export function taskResourcesByFramework(agent: Pick<Agent, 'tasks' | 'executors'>): Map<string, Resource[]> {
  const used = new Map<string, Resource[]>();
  const add = (frameworkId: string, resources: Resource[]) =>
    used.set(frameworkId, addResources(used.get(frameworkId) ?? [], resources));
  for (const task of agent.tasks.values())
    if (!isTerminal(task.state)) add(task.framework_id.value, task.resources);
  for (const [frameworkId, executors] of agent.executors)
    for (const executor of executors.values()) add(frameworkId, executor.resources ?? []);
  return used;
}
