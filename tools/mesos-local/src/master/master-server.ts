import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answer, answerJson } from '../http/answers.ts';
import { Refusal } from '../http/media.ts';
import { jsonLines } from '../json-lines.ts';
import type { Leader } from '../leader-detector.ts';
import { LINK_PATH, type AgentMessage, type MasterMessage } from '../link-protocol.ts';
import { BANNER, BUILD } from '../stand-in.ts';
import { answerUnauthorized, principalOf } from '../http/authentication.ts';
import type { AgentLink } from './agent-registration.ts';
import type { Master } from './master.ts';
import { OperatorApi } from './operator-api.ts';
import { SchedulerApi } from './scheduler-api.ts';
import { agentsOf, stateOf, tasksOf } from './state.ts';

/** What this process is at the moment. */
export type Role =
  /** It listens, its routes are not installed yet. */
  | { role: 'starting' }
  | { role: 'recovering' }
  | { role: 'standby'; leader: Leader | undefined }
  | { role: 'leader'; master: Master };

/** Path without query and trailing slashes, and without the prefix `/master`. */
const route = (url: string): string =>
  url
    .split('?')[0]!
    .replace(/\/+$/, '')
    .replace(/^\/master(?=\/|$)/, '');

const READ_ONLY = new Set([
  '/state',
  '/state.json',
  '/state-summary',
  '/slaves',
  '/tasks',
  '/tasks.json',
  '/metrics/snapshot',
  '',
]);

const mayRead = ({ config }: Master, request: IncomingMessage): boolean =>
  !config.authenticateReadonly || principalOf(request, config.credentials) !== undefined;

/** The public HTTP endpoints of one master process. */
export class MasterServer {
  readonly server: Server;
  readonly #role: () => Role;

  constructor(role: () => Role) {
    this.#role = role;
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        if (error instanceof Refusal) answer(response, error.status, error.message);
        else if (!response.headersSent) answer(response, 500, String(error));
      });
    });
    this.server.keepAliveTimeout = 0;
    this.server.requestTimeout = 0;
    this.server.on('upgrade', (request, socket, head) =>
      this.#agentConnects(request, socket as Socket, head),
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = route(request.url ?? '/');
    if (this.#role().role === 'starting') throw new Refusal(404, '404 Not Found.');
    if (path === '/health') return answer(response, 200);
    if (path === '/version') return answerJson(response, JSON.stringify({ ...BUILD, cotton_local: BANNER }));
    const role = this.#role();
    if (role.role === 'standby') return redirect(path, role.leader, response);
    if (role.role !== 'leader') throw new Refusal(503, 'Master has not finished recovery');
    return this.#serveLeading(role.master, path, request, response);
  }

  async #serveLeading(
    master: Master,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (READ_ONLY.has(path) && !mayRead(master, request))
      return answerUnauthorized(response, 'mesos-master-readonly');
    switch (path) {
      case '/api/v1/scheduler': {
        const api = new SchedulerApi(master);
        return api.authenticated(request, response) ? api.handle(request, response) : undefined;
      }
      case '/api/v1':
      case '/teardown':
        return new OperatorApi(master).handle(path, request, response);
      case '/redirect':
        return redirect('/redirect', { host: master.config.hostname, port: master.config.port }, response);
      case '/slaves':
        return answerJson(response, JSON.stringify(agentsOf(master)));
      case '/tasks':
      case '/tasks.json':
        return answerJson(response, JSON.stringify(tasksOf(master)));
      case '/state':
      case '/state.json':
      case '/state-summary':
        return answerJson(response, JSON.stringify(stateOf(master)));
      case '/metrics/snapshot':
        return answerJson(response, JSON.stringify(metricsOf(master)));
      case '':
        return answer(response, 200, page(master), { 'Content-Type': 'text/html' });
      default:
        throw new Refusal(404, '404 Not Found.');
    }
  }

  #agentConnects(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const role = this.#role();
    socket.on('error', () => socket.destroy());
    if (request.url !== LINK_PATH || role.role !== 'leader') {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const { registration } = role.master;
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: cotton-local\r\n\r\n');
    const lines = jsonLines<AgentMessage, MasterMessage>(
      socket,
      (message) => registration.receive(link, message),
      head,
    );
    const link: AgentLink = { ip: socket.remoteAddress ?? '', send: lines.send, close: lines.close };
    socket.on('close', () => registration.lost(link));
  }
}

/** A standby redirects everything, whatever it is, to where it saw the leader last. */
function redirect(path: string, leader: Leader | undefined, response: ServerResponse): void {
  if (!leader) throw new Refusal(503, 'No leader elected');
  const target = path === '/redirect' ? '' : `/master${path}`;
  answer(response, 307, '', { Location: `//${leader.host}:${leader.port}${target}` });
}

const metricsOf = (master: Master): Record<string, number> => ({
  'master/elected': 1,
  'master/uptime_secs': Date.now() / 1000 - master.startedAt,
  'master/slaves_active': [...master.agents.values()].filter(({ connected }) => connected).length,
  'master/slaves_unreachable': master.registry.state.unreachable.length,
  'master/frameworks_active': [...master.frameworks.values()].filter(({ stream }) => stream).length,
  'master/outstanding_offers': master.offers.size,
});

const page = (master: Master): string =>
  `<!doctype html><title>${BANNER}</title><h1>${BANNER}</h1><p>${master.agents.size} agents, ` +
  `${master.frameworks.size} frameworks. See <a href="/state">/state</a>.</p>`;
