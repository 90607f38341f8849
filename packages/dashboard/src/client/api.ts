/** The page's one connection to its scheduler. */
import { ApiClient, ApiError } from '@cotton/api';

/** Requests go to the page's own origin; the page polls, so nothing is tried twice behind its back. */
export const api = new ApiClient({ urls: [''], retryMs: 0, attemptTimeoutMs: 10_000 });

/** When another scheduler leads now, loading the page again leads there. */
export function reloadIfMoved(error: unknown, reload: () => void): void {
  if (error instanceof ApiError && error.code === 'redirected') reload();
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'cluster_not_found';
}

/** For people. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError && error.code === 'unreachable') return 'The scheduler does not answer.';
  return error instanceof Error ? error.message : String(error);
}
