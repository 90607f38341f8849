// Runs hello-executor.ts once on whichever agent (of this machine) offers enough, then ends the framework.
//   node --conditions=@cotton/source packages/mesos/examples/hello-framework.ts 127.0.0.1:5050
/* eslint-disable @nx/enforce-module-boundaries -- written as a user of the package writes it */
import { calls, masterFinder, resources, SchedulerConnection, type Call, type Offer } from '@cotton/mesos';

const runExecutor = `${process.execPath} --conditions=@cotton/source ${import.meta.dirname}/hello-executor.ts`;
const master = masterFinder(process.argv[2] ?? '127.0.0.1:5050'); // or zk://host:2181/mesos
let launched = false;

const connection = new SchedulerConnection({
  master,
  framework: { user: 'root', name: 'hello', roles: ['hello'], capabilities: [{ type: 'MULTI_ROLE' }] },
  onEvent: async (event) => {
    if (event.type === 'refused') throw new Error(event.message);
    if (event.type === 'offers')
      await Promise.all(event.offers.map((offer) => connection.call(answer(offer))));
    if (event.type !== 'update') return;
    console.log(event.status.state, event.status.message ?? '');
    const acknowledgement = calls.acknowledge(event.status);
    if (acknowledgement) await connection.call(acknowledgement);
    if (['TASK_STARTING', 'TASK_RUNNING'].includes(event.status.state)) return;
    await connection.call(calls.teardown());
    await Promise.all([connection.close(), master.close()]);
  },
});

function answer({ id, agentId, frameworkId, resources: offered = [] }: Offer): Call {
  const needed = launched ? undefined : resources.pick(offered, { scalars: { cpus: 0.1, mem: 64 } });
  if (!needed) return calls.decline([id.value], 60);
  launched = true;
  const command = { value: runExecutor };
  const executor = { type: 'CUSTOM', executorId: { value: 'hello' }, frameworkId, command } as const;
  const task = { name: 'hello', taskId: { value: 'hello-1' }, agentId, resources: needed, executor };
  return calls.accept([id.value], [{ type: 'LAUNCH', launch: { taskInfos: [task] } }]);
}

connection.start();
