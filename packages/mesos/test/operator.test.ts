import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  masterCall,
  masterResponse,
  OperatorClient,
  type MasterCall,
  type MasterResponse,
} from '../src/index.ts';
import { afterEach, expect, it } from 'vitest';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

interface Answer {
  status: number;
  response?: MasterResponse;
  text?: string;
  location?: string;
}

/** A master's operator endpoint that answers from a function. */
async function operatorEndpoint(answerTo: (call: MasterCall | undefined) => Answer): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = request.method === 'POST' ? masterCall.decode(Buffer.concat(chunks)) : undefined;
    const answer = answerTo(call);
    response.writeHead(answer.status, answer.location ? { location: answer.location } : {});
    response.end(answer.response ? masterResponse.encode(answer.response) : (answer.text ?? ''));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('asks the leader, wherever it is sent first', async () => {
  const agentInfo = { hostname: 'h1', id: { value: 'S0' } };
  const leader = await operatorEndpoint((call) => ({
    status: 200,
    response: {
      type: call?.type as 'GET_AGENTS',
      getAgents: { agents: [{ agentInfo, active: true, version: '1' }] },
    },
  }));
  const standby = await operatorEndpoint(() => ({ status: 307, location: `//${leader}/master/api/v1` }));
  const { agents } = await new OperatorClient({ master: standby }).getAgents();
  expect(agents?.[0]?.agentInfo).toEqual(agentInfo);
});

it('sends what it is asked to, and takes 202 for an answer', async () => {
  const calls: (MasterCall | undefined)[] = [];
  const master = await operatorEndpoint((call) => {
    calls.push(call);
    return { status: 202 };
  });
  const operator = new OperatorClient({ master });
  const resources = [{ name: 'cpus', type: 'SCALAR' as const, scalar: { value: 1 } }];
  await operator.markAgentGone('S0');
  await operator.teardown('fw');
  await operator.reserve('S0', resources);
  await operator.unreserve('S0', resources);
  await operator.createVolumes('S0', resources);
  await operator.destroyVolumes('S0', resources);
  expect(calls.map((call) => call?.type)).toEqual([
    'MARK_AGENT_GONE',
    'TEARDOWN',
    'RESERVE_RESOURCES',
    'UNRESERVE_RESOURCES',
    'CREATE_VOLUMES',
    'DESTROY_VOLUMES',
  ]);
  expect(calls[2]?.reserveResources).toEqual({ agentId: { value: 'S0' }, resources });
});

it('throws a refusal with its status and words', async () => {
  const master = await operatorEndpoint(() => ({ status: 409, text: 'Invalid UNRESERVE operation' }));
  const refused = new OperatorClient({ master }).unreserve('S0', []);
  await expect(refused).rejects.toMatchObject({
    code: 'http',
    status: 409,
    message: 'Invalid UNRESERVE operation',
  });
  await expect(new OperatorClient({ master: '127.0.0.1:1' }).health()).rejects.toMatchObject({
    code: 'network',
  });
});

it('reads all that a master says of its version', async () => {
  const master = await operatorEndpoint(() => ({ status: 200, text: '{"version":"1.12.0","mine":1}' }));
  expect(await new OperatorClient({ master }).versionJson()).toEqual({ version: '1.12.0', mine: 1 });
});
