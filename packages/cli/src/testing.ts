/** For this package's tests: a scripted scheduler and a terminal that remembers. */
import { ApiError, toProblem, type ClusterDetail, type ErrorCode } from '@cotton/api';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './run.ts';

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

export type Answer = { status: number; body: unknown };
type Script = (asked: Asked, count: number) => Answer;

export function answer(body: unknown): Answer {
  return { status: 200, body };
}

export function refusal(code: ErrorCode): Answer {
  const problem = toProblem(new ApiError(code, `because of ${code}`));
  return { status: problem.status, body: problem };
}

export function cluster(change: Partial<ClusterDetail> = {}): ClusterDetail {
  const member = (n: number, role: 'primary' | 'replica') => ({
    id: `demo-${n}`,
    role,
    state: 'RUNNING' as const,
    in_sync: role === 'replica',
    host: `127.0.0.${n + 2}`,
    port: 31000,
    http_port: 31001,
    agent_id: `agent-${n}`,
    task_id: `demo-${n}-1.abcdefabcdef`,
    version: '9.7.4',
    message: '',
    errant: [],
  });
  return {
    uid: 'abcdefabcdef',
    name: 'demo',
    state: 'HEALTHY',
    reason: '3 of 3 members serve',
    num_nodes: 3,
    members_running: 3,
    primary: 'demo-0',
    size: { cpus: 1, mem: '512mb', disk: '2gb' },
    user: 'jane',
    cluster_url: 'zk://127.0.0.1:2181/cotton/discover/demo',
    created_at: '2026-01-02T03:04:05.000Z',
    epoch: 1,
    ack_count: 1,
    in_sync: ['demo-1', 'demo-2'],
    hold: false,
    generation: 4,
    settled: true,
    electorate: [{ number: 4, epoch: 1, primary: 'demo-0', ack_count: 1, in_sync: ['demo-1', 'demo-2'] }],
    durability: {
      acks: null,
      acks_wanted: 1,
      min_in_sync: 0,
      policy: 'lossless',
      heartbeat_bound: '3s',
    },
    promotion: {},
    in_progress: null,
    transitions: [],
    members: [member(0, 'primary'), member(1, 'replica'), member(2, 'replica')],
    ...change,
  };
}

/** One test's world: a home directory, and a scheduler that follows a script. */
export class World {
  readonly asked: Asked[] = [];
  readonly home: string;
  readonly url: string;
  readonly #server: Server;

  private constructor(home: string, server: Server) {
    this.home = home;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async create(script: Script): Promise<World> {
    const server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const { method = '', url: path = '' } = request;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      world.asked.push({ method, path, body });
      const { status, body: sent } = script({ method, path, body }, world.asked.length);
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
      response.end(JSON.stringify(sent));
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const world: World = new World(await mkdtemp(join(tmpdir(), 'cotton-cli-')), server);
    return world;
  }

  async close(): Promise<void> {
    await new Promise((closed) => this.#server.close(closed));
    await rm(this.home, { recursive: true });
  }

  /** Runs one command line: as a script would, or with a person who gives these answers. */
  async run(
    argv: string[],
    env: Record<string, string> = {},
    person?: { answer?: string; secret?: string },
  ): Promise<{ code: number; out: string; err: string }> {
    let out = '';
    let err = '';
    const code = await runCli(argv, {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      env: { COTTON_API: this.url, ...env },
      home: this.home,
      interactive: person !== undefined,
      ask: () => answerOf(person?.answer),
      askSecret: () => answerOf(person?.secret),
      signal: new AbortController().signal,
    });
    return { code, out, err };
  }
}

function answerOf(text: string | undefined): Promise<string> {
  return text === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(text);
}
