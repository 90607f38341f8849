import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Poller, type Live } from './poller.ts';

/** The newest answer of `load`, kept fresh while the page is visible. `key` names what is loaded. */
export function useLive<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  intervalMs: number,
): Live<T> & { refresh: () => void } {
  const [state, setState] = useState<{ key: string; live: Live<T> }>();
  const poller = useRef<Poller<T> | undefined>(undefined);
  useEffect(() => {
    const current = new Poller<T>({
      load,
      intervalMs,
      onChange: (live) => setState({ key, live }),
      isHidden: () => document.hidden,
    });
    poller.current = current;
    const onVisibility = () => (document.hidden ? current.stop() : current.refresh());
    document.addEventListener('visibilitychange', onVisibility);
    current.refresh();
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      current.stop();
    };
  }, [key, intervalMs]);
  const refresh = useCallback(() => poller.current?.refresh(), []);
  // What is known about the page before must not be shown as this one's.
  const live = state?.key === key ? state.live : { value: undefined, error: undefined };
  return { ...live, refresh };
}
