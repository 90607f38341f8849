import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { TraceLine } from '../trace/trace.ts';

export interface Fetched {
  method: string;
  path: string;
  used: boolean;
}

interface Planned {
  status: number;
  delayMs: number;
}

export const EXECUTOR_FILE = 'recording-executor.cjs';
/** A longer recorded pause before an answer was meant. */
const MEANT_DELAY_MS = 500;

/** The recorded answers by method and path, in order; the last one is repeated. */
function plan(lines: TraceLine[]): Map<string, Planned[]> {
  const served = lines.filter(({ who }) => who === 'fileserver');
  const planned = new Map<string, Planned[]>();
  served.forEach((asked, index) => {
    if (asked.dir !== '<') return;
    const answer = served.slice(index).find(({ dir }) => dir === '>');
    const key = `${asked.http!.method} ${asked.http!.path}`;
    const waitedMs = answer ? answer.t_ms - asked.t_ms : 0;
    const delayMs = waitedMs > MEANT_DELAY_MS ? waitedMs : 0;
    planned.set(key, [...(planned.get(key) ?? []), { status: answer?.http?.status ?? 200, delayMs }]);
  });
  return planned;
}

/** Serves what agents fetch, answers as the recorded file server did, and remembers who asked. */
export class FileServer {
  readonly fetched: Fetched[] = [];
  readonly #server: Server;
  readonly #planned: Map<string, Planned[]>;
  readonly #executor: () => string;
  readonly #directory: string;

  constructor(options: { lines: TraceLine[]; executor: () => string; directory: string }) {
    this.#planned = plan(options.lines);
    this.#executor = options.executor;
    this.#directory = options.directory;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(bind: string): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, bind, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url } = request as { method: string; url: string };
    this.fetched.push({ method, path: url, used: false });
    const planned = this.#planned.get(`${method} ${url}`);
    const { status, delayMs } = (planned && planned.length > 1 ? planned.shift() : planned?.[0]) ?? {
      status: 404,
      delayMs: 0,
    };
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (status === 302) return void response.writeHead(302, { location: '/plain.txt' }).end();
    if (status !== 200) return void response.writeHead(status).end();
    const content = await this.#content(new URL(url, 'http://x').pathname.slice(1));
    response.writeHead(200, { 'content-length': content.length }).end(method === 'HEAD' ? '' : content);
  }

  async #content(name: string): Promise<Buffer> {
    if (name === EXECUTOR_FILE) return Buffer.from(this.#executor());
    return readFile(join(this.#directory, decodeURIComponent(name)));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
