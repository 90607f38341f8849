import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { changes } from './change-feed.ts';
import { Poller, type Live } from './poller.ts';

export interface LiveOptions {
  intervalMs: number;
  /** Ask also as soon as the server says that something changed. */
  follow: boolean;
}

/** The newest answer of `load`, kept fresh while the page is visible. `key` names what is loaded. */
export function useLive<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  { intervalMs, follow }: LiveOptions,
): Live<T> & { refresh: () => void } {
  const [state, setState] = useState<{ key: string; live: Live<T> }>();
  const poller = useRef<Poller<T> | undefined>(undefined);
  useEffect(() => {
    const current = new Poller<T>({ load, intervalMs, onChange: (live) => setState({ key, live }) });
    poller.current = current;
    return whileVisible(() => {
      current.refresh();
      const unfollow = follow ? changes.subscribe(() => current.nudge()) : () => undefined;
      return () => {
        unfollow();
        current.stop();
      };
    });
  }, [key, intervalMs, follow]);
  const refresh = useCallback(() => poller.current?.refresh(), []);
  // What is known about the page before must not be shown as this one's.
  const live = state?.key === key ? state.live : { value: undefined, error: undefined };
  return { ...live, refresh };
}

/** Starts when the page is visible, stops when it is hidden, again and again; the result ends it. */
function whileVisible(start: () => () => void): () => void {
  let stop: (() => void) | undefined;
  const onVisibility = () => {
    stop?.();
    stop = document.hidden ? undefined : start();
  };
  document.addEventListener('visibilitychange', onVisibility);
  onVisibility();
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    stop?.();
  };
}
