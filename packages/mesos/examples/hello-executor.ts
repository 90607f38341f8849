// The executor of hello-framework.ts: an agent starts it, its one task says hello and is done.
/* eslint-disable @nx/enforce-module-boundaries -- written as a user of the package writes it */
import { ExecutorConnection, executorEnvironment } from '@cotton/mesos';

const environment = executorEnvironment();
const connection = new ExecutorConnection({
  environment,
  onEvent: async (event) => {
    if (event.type === 'launch') {
      const taskId = event.task.taskId.value;
      connection.update({ taskId, state: 'TASK_RUNNING' });
      connection.update({ taskId, state: 'TASK_FINISHED', message: `hello from ${environment.agentId}` });
      await connection.flushed(10_000);
      await connection.close();
    }
    if (event.type === 'shutdown' || event.type === 'rejected' || event.type === 'lost') process.exit(1);
  },
});
connection.start();
