import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answer, answerJson, answerMethodNotAllowed, readBody } from '../http/answers.ts';
import { answerUnauthorized, principalOf } from '../http/authentication.ts';
import { contentType, Refusal } from '../http/media.ts';
import { BANNER, BUILD } from '../stand-in.ts';
import type { Agent } from './agent.ts';
import { ExecutorApi } from './executor-api.ts';
import { agentState } from './agent-state.ts';

/** Path without query, trailing slashes and libprocess prefix. */
const route = (url: string): string => {
  const path = url.split('?')[0]!.replace(/\/+$/, '');
  return path.replace(/^\/slave\(1\)/, '');
};

/** The agent's public HTTP endpoints. */
export function createAgentServer(agent: Agent): Server {
  const executorApi = new ExecutorApi(agent, agent.executors, () => agent.phase);
  const server = createServer((request, response) => {
    serve(agent, executorApi, request, response).catch((error: unknown) => {
      if (error instanceof Refusal) answer(response, error.status, error.message);
      else if (!response.headersSent) answer(response, 500, String(error));
    });
  });
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  return server;
}

async function serve(
  agent: Agent,
  api: ExecutorApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = route(request.url ?? '/');
  // The process already listens, its routes are not installed yet.
  if (agent.phase === 'ROUTES') throw new Refusal(404, '404 Not Found.');
  switch (path) {
    case '/health':
      return answer(response, 200);
    case '/api/v1/executor':
      return api.handle(request, response);
    case '/state':
    case '/state.json':
      return answerJson(response, JSON.stringify(agentState(agent)));
    case '/version':
      return answerJson(response, JSON.stringify({ ...BUILD, cotton_local: BANNER }));
    case '/metrics/snapshot':
      return answerJson(response, JSON.stringify({ 'slave/registered': agent.agentId === '' ? 0 : 1 }));
    case '':
      return answer(response, 200, `${BANNER}\n`);
    default:
      if (path.startsWith('/api/v1')) return operatorCall(agent, request, response);
      throw new Refusal(404, '404 Not Found.');
  }
}

/** The agent's operator API: everything below `/api/v1` that is not the executor's. */
async function operatorCall(agent: Agent, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authenticateReadwrite, credentials } = agent.config;
  if (authenticateReadwrite && principalOf(request, credentials) === undefined)
    return answerUnauthorized(response, 'mesos-agent-readwrite');
  if (request.method !== 'POST') return answerMethodNotAllowed(request, response, ['POST']);
  contentType(request.headers);
  const call = JSON.parse((await readBody(request)).toString('utf8')) as { type?: string };
  if (call.type !== 'GET_HEALTH')
    throw new Refusal(400, "Failed to validate agent::Call: Expecting 'type' to be present");
  answerJson(response, JSON.stringify({ type: call.type, get_health: { healthy: true } }));
}
