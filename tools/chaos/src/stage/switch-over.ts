import type { ClusterDetail } from '@cotton/api';
import type { AgentHandle } from '@cotton/mesos-local';
import type { Lab } from '../lab/lab.ts';

const REQUEST_LIMIT_MS = 5_000;
const MAX_REDIRECTS = 3;

/** Asks for a planned switchover. A refusal (preflight, a missed deadline) is an outcome like any other. */
export async function switchOver(
  lab: Lab,
  cluster: ClusterDetail,
  target: AgentHandle | undefined,
): Promise<void> {
  const member = cluster.members.find(({ host }) => host === target?.ip);
  for (const { url } of lab.schedulers) {
    if (await post(`${url}/clusters/${cluster.name}/switchover`, { to: member?.id })) return;
  }
}

/** Whether this scheduler, or the one it names, took the request. */
async function post(url: string, body: object, hops = 0): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    await answer.body?.cancel();
    const location = answer.headers.get('location');
    if (answer.status === 307 && location !== null && hops < MAX_REDIRECTS)
      return post(new URL(location, url).href, body, hops + 1);
    return answer.ok;
  } catch {
    return false;
  }
}

/** Whether this build of Cotton can do it at all. */
export async function canSwitchOver(lab: Lab): Promise<boolean> {
  for (const { url } of lab.schedulers) {
    const text = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(REQUEST_LIMIT_MS) }).then(
      (answer) => answer.text(),
      () => '',
    );
    if (text.includes('/switchover')) return true;
  }
  return false;
}
