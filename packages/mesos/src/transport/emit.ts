/**
 * Events to the owner's callback until the signal aborts. What the callback throws is not ours to
 * survive and no reason to reconnect: it leaves this call stack as an uncaught exception.
 */
export function emitter<Event>(onEvent: (event: Event) => void, signal: AbortSignal): (event: Event) => void {
  return (event) => {
    if (signal.aborted) return;
    try {
      onEvent(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
