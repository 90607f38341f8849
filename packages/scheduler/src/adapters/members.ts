import type { MemberPort } from '../engine/ports.ts';

/** An executor takes up to 2 s to look. */
const ANSWER_MS = 3_000;

/** Members' executors over their HTTP. */
export function memberPort(answerMs = ANSWER_MS): MemberPort {
  return {
    async obstacles({ hostname, httpPort }) {
      const url = `http://${hostname}:${httpPort}/obstacles`;
      try {
        return await ask(url, answerMs);
      } catch (error) {
        return [`its executor does not tell at ${url} what is in the way: ${reasonOf(error)}`];
      }
    },
  };
}

async function ask(url: string, answerMs: number): Promise<string[]> {
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(answerMs) });
  const body = (await answer.json()) as { obstacles?: unknown; status?: unknown } | null;
  const found = body?.obstacles;
  if (Array.isArray(found) && found.every((one) => typeof one === 'string')) return found;
  throw new Error(typeof body?.status === 'string' ? body.status : `it answers ${answer.status}`);
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return (cause instanceof Error ? cause : (error as Error)).message;
}
