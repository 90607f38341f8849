// Runs one `echo` on whichever agent offers enough, then ends the framework.
//   node --conditions=@cotton/source packages/mesos/examples/hello-framework.ts 127.0.0.1:5050
import { calls, masterFinder, resources, SchedulerConnection, type Call, type Offer } from '@cotton/mesos';

const master = masterFinder(process.argv[2] ?? '127.0.0.1:5050'); // also zk://host:2181/mesos
let launched = false;

const connection = new SchedulerConnection({
  master,
  framework: { user: 'root', name: 'hello', roles: ['*'], capabilities: [{ type: 'MULTI_ROLE' }] },
  onEvent: async (event) => {
    if (event.type === 'subscribed') console.log(`framework ${event.frameworkId}`);
    if (event.type === 'offers') for (const offer of event.offers) await connection.call(answer(offer));
    if (event.type === 'refused') throw new Error(event.message);
    if (event.type !== 'update') return;
    console.log(event.status.state, event.status.message ?? '');
    const acknowledgement = calls.acknowledge(event.status);
    if (acknowledgement) await connection.call(acknowledgement);
    if (/FINISHED|FAILED|ERROR|LOST/.test(event.status.state)) await end();
  },
});

function answer({ id, agentId, resources: offered = [] }: Offer): Call {
  const needed = launched ? undefined : resources.pick(offered, { scalars: { cpus: 0.1, mem: 32 } });
  if (!needed) return calls.decline([id.value], 60);
  launched = true;
  const task = { name: 'hello', taskId: { value: 'hello-1' }, agentId, resources: needed };
  const command = { shell: true, value: 'echo hello from $PWD' };
  return calls.accept([id.value], [{ type: 'LAUNCH', launch: { taskInfos: [{ ...task, command }] } }]);
}

async function end(): Promise<void> {
  await connection.call(calls.teardown());
  await connection.close();
  await master.close();
}

connection.start();
