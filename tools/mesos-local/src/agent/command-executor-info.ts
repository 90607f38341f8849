import type { ExecutorInfo, FrameworkInfo, TaskInfo } from '../messages.ts';
import { entryPoint } from '../processes.ts';

const SHOWN_CHARACTERS = 15;

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The executor an agent makes up for a task that has a command of its own. */
export function commandExecutorInfo(framework: FrameworkInfo, task: TaskInfo): ExecutorInfo {
  const { command } = task;
  const words =
    command?.shell === false ? (command.arguments ?? []).join(' ') : `sh -c '${command?.value ?? ''}'`;
  const shown = words.length > SHOWN_CHARACTERS ? `${words.slice(0, SHOWN_CHARACTERS - 3)}...` : words;
  return {
    executor_id: task.task_id,
    framework_id: framework.id!,
    name: `Command Executor (Task: ${task.task_id.value}) (Command: ${shown})`,
    source: task.task_id.value,
    command: {
      shell: true,
      value: ['exec', process.execPath, ...entryPoint(), 'command-executor']
        .map((word, at) => (at === 0 ? word : quote(word)))
        .join(' '),
      ...(command?.user !== undefined && { user: command.user }),
      ...(command?.uris && { uris: command.uris }),
      ...(command?.environment && { environment: command.environment }),
    },
  };
}
