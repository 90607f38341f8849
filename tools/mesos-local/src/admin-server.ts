import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, answerJson, readBody } from './http/answers.ts';

/** A fault by its path; gets the JSON body of the request. */
export type AdminActions = Record<string, (body: Record<string, unknown>) => unknown>;

/** The fault injection of one process: loopback only, never on a public port. Resolves with the port. */
export async function serveAdmin(port: number, actions: AdminActions): Promise<number> {
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const action = actions[request.url ?? ''];
      if (!action || request.method !== 'POST') return answer(response, 404, 'no such fault');
      const input = body.length > 0 ? (JSON.parse(body.toString('utf8')) as Record<string, unknown>) : {};
      return answerJson(response, JSON.stringify(action(input) ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}
