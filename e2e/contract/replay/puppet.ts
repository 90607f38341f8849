import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './http.ts';

/**
 * The process that agents launch for a recorded executor. It does nothing of its own: it asks us for the
 * next command line, runs it and tells what it printed. The executor's conversation with the agent is
 * ours. Plain bash, so that an agent needs nothing installed.
 */
const puppetScript = ({ host, port }: { host: string; port: number }): string => `#!/bin/bash
export LC_ALL=C
ask() {
  exec 3<>/dev/tcp/${host}/${port} || exit 1
  printf 'POST /%s/%s HTTP/1.0\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "$$" "$1" "\${#2}" "$2" >&3
  sed '1,/^\\r$/d' <&3
  exec 3>&-
}
seen="$(tr '\\0' '\\n' </proc/$$/environ; printf '\\nCWD=%s\\nIDS=%s:%s:%s\\n' "$(pwd)" "$(id -u)" "$(id -g)" "$(umask)")"
next="$(ask "$MESOS_EXECUTOR_ID" "$seen")" || exit 1
while [ -n "$next" ]; do
  case "$next" in
    !*) output=""; eval "\${next#!}" ;;
    *) output="$(eval "$next" 2>&1)" ;;
  esac
  next="$(ask result "$output")" || exit 1
done
`;

export interface PuppetView {
  environment: Record<string, string>;
  cwd: string;
  uid: number;
  gid: number;
  umask: string;
}

function parseView(text: string): PuppetView {
  const all = Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  ) as Record<string, string>;
  const { CWD, IDS, RECORDER: _recorder, ...environment } = all;
  const [uid, gid, umask] = IDS!.split(':');
  return {
    environment,
    cwd: CWD!,
    uid: Number(uid),
    gid: Number(gid),
    umask: String(Number(umask)),
  };
}

const COMMAND_MS = 30_000;

/** One launched executor process, waiting for commands. */
export class Puppet {
  readonly view: PuppetView;
  #waiting: ServerResponse | undefined;
  #result: ((text: string) => void) | undefined;
  #queue: string[] = [];

  constructor(view: PuppetView) {
    this.view = view;
  }

  /** The process asks for its next command, with the output of the last one. */
  attach(response: ServerResponse, output?: string): void {
    if (output !== undefined) this.#result?.(output);
    this.#waiting = response;
    this.#send();
  }

  #send(): void {
    if (!this.#waiting || this.#queue.length === 0) return;
    this.#waiting.end(this.#queue.shift());
    this.#waiting = undefined;
  }

  /** Runs a command line in the sandbox and gives what it printed. */
  run(command: string, withinMs = COMMAND_MS): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the executor process did not answer: ${command}`)),
        withinMs,
      );
      this.#result = (text) => {
        clearTimeout(late);
        resolve(text);
      };
      this.#queue.push(command);
      this.#send();
    });
  }

  /** Tells the process to end; nothing is answered. `how` is bash: `exit 3`, `kill -9 $$`. */
  end(how: string): void {
    this.#queue.push(`!${how}`);
    this.#send();
  }
}

/** Where puppets report to. */
export class PuppetTheatre {
  readonly #server: Server;
  readonly #live = new Map<string, Puppet>();
  readonly #arrived = new Map<string, Puppet[]>();
  readonly #wakers: (() => void)[] = [];

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(bind: string): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, bind, resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    const [, pid, what] = request.url!.split('/').map(decodeURIComponent);
    const from = `${request.socket.remoteAddress}/${pid}`;
    const body = (await readBody(request)).toString('utf8');
    if (what === 'result') return this.#live.get(from)?.attach(response, body);
    const puppet = new Puppet(parseView(body));
    this.#live.set(from, puppet);
    this.#arrived.set(what!, [...(this.#arrived.get(what!) ?? []), puppet]);
    puppet.attach(response);
    for (const wake of this.#wakers.splice(0)) wake();
  }

  /** The next process that was launched for an executor id. */
  async next(executor: string, leftMs: () => number): Promise<Puppet | undefined> {
    for (;;) {
      const puppet = this.#arrived.get(executor)?.shift();
      const left = leftMs();
      if (puppet || left <= 0) return puppet;
      await Promise.race([
        new Promise<void>((resolve) => this.#wakers.push(resolve)),
        new Promise((resolve) => setTimeout(resolve, left)),
      ]);
    }
  }

  script(host: string): string {
    return puppetScript({ host, port: (this.#server.address() as AddressInfo).port });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
