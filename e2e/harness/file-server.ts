import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';

export interface FileServer {
  /** Address of a file by its name here, as agents reach it. */
  url(name: string): string;
  stop(): Promise<void>;
}

/** Serves exactly the given files, by name, so that agents fetch them as they would from any web server. */
export async function startFileServer(
  files: Record<string, string>,
  { bind, advertise }: { bind: string; advertise: string },
): Promise<FileServer> {
  const server = createServer((request, response) => {
    const path = files[decodeURIComponent((request.url ?? '').slice(1))];
    const send = async (): Promise<void> => {
      if (path === undefined) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-length': (await stat(path)).size });
      await pipeline(createReadStream(path), response);
    };
    // An agent that is killed while it fetches breaks its own connection only.
    send().catch(() => response.destroy());
  });
  server.listen(0, bind);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `http://${advertise}:${port}/${name}`,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
