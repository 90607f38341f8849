/** Following the server-sent events of a scheduler, over changes of the leader. */
import { ApiError } from './errors.ts';
import type { ClusterEvent } from './schemas.ts';
import type { Transport } from './transport.ts';

/** `gap`: events may be missing before the next one. */
export type Followed = { event: ClusterEvent } | 'gap';

const REOPEN_PAUSE_MS = 500;
/** A message beyond this is not ours. */
const MESSAGE_MAX_CHARACTERS = 1024 * 1024;

/** Every event after `after` (an event's id; undefined: from now on), until `signal`. @throws ApiError */
export async function* followEvents(
  transport: Transport,
  path: string,
  options: { after?: string | undefined; signal?: AbortSignal | undefined },
): AsyncGenerator<Followed> {
  const { signal } = options;
  let last = options.after ?? '';
  for (;;) {
    const response = await transport.open({ method: 'GET', path, eventsAfter: last, signal });
    for await (const { kind, id, data } of messagesOf(response, signal)) {
      last = id || last;
      if (kind === 'gap') yield 'gap';
      if (kind === 'cluster') yield { event: JSON.parse(data) as ClusterEvent };
    }
    if (signal?.aborted) throw new ApiError('aborted', 'The request was given up.');
    // The leader has changed or stopped.
    await new Promise((resolve) => setTimeout(resolve, REOPEN_PAUSE_MS));
  }
}

interface Message {
  kind: string;
  id: string;
  data: string;
}

/** Ends with the stream, however it ends. */
async function* messagesOf(response: Response, signal: AbortSignal | undefined): AsyncGenerator<Message> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      const parts = (rest + piece.value).split('\n\n');
      rest = parts.pop() ?? '';
      yield* parts.map(messageOf);
      if (rest.length > MESSAGE_MAX_CHARACTERS)
        throw new ApiError('bad_response', 'The stream makes no sense.');
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (signal?.aborted) throw new ApiError('aborted', 'The request was given up.', { cause: error });
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

function messageOf(text: string): Message {
  const field = (name: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { kind: field('event'), id: field('id'), data: field('data') };
}
