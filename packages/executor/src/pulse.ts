/** What a primary's markers tell of it. Pure; heartbeat.ts writes the markers. Times are monotonic. */

export interface Pulse {
  openedAtMs: number;
  /** Since when the present generation is ordered. */
  orderedAtMs: number;
  /** When the newest marker that was acknowledged had been written; null: none was yet. */
  acknowledgedAtMs: number | null;
  /** The generation under whose rules a marker was acknowledged. */
  settled: number;
  /** The generation under which it asks to go on alone. */
  degrade: number | null;
}

/** The rules a marker was written under. */
export interface Rules {
  generation: number;
  ackCount: number;
}

export const NO_PULSE: Pulse = {
  openedAtMs: 0,
  orderedAtMs: 0,
  acknowledgedAtMs: null,
  settled: 0,
  degrade: null,
};

export function opened(nowMs: number): Pulse {
  return { ...NO_PULSE, openedAtMs: nowMs, orderedAtMs: nowMs };
}

/** Control names another generation. A request to go on alone was about the one before. */
export function ordered(pulse: Pulse, nowMs: number): Pulse {
  return { ...pulse, orderedAtMs: nowMs, degrade: null };
}

/** Alone (k = 0) every commit is where it has to be as soon as the rules are in force. */
export function enforced(pulse: Pulse, { generation, ackCount }: Rules): Pulse {
  return ackCount === 0 ? { ...pulse, degrade: null, settled: generation } : pulse;
}

export function acknowledged(pulse: Pulse, writtenAtMs: number): Pulse {
  const acknowledgedAtMs = Math.max(writtenAtMs, pulse.acknowledgedAtMs ?? writtenAtMs);
  return { ...pulse, acknowledgedAtMs, degrade: null };
}

export function settled(pulse: Pulse, generation: number): Pulse {
  return { ...pulse, settled: Math.max(pulse.settled, generation) };
}

/** For how long nothing has been acknowledged. From the writing: an answer read late proves nothing about now. */
export function silentForMs({ acknowledgedAtMs, openedAtMs }: Pulse, nowMs: number): number {
  return nowMs - (acknowledgedAtMs ?? openedAtMs);
}

/** A new generation gets the whole bound: those it names may only have begun to acknowledge. */
export function isUnheard(pulse: Pulse, ackCount: number, boundMs: number, nowMs: number): boolean {
  return ackCount > 0 && silentForMs(pulse, nowMs) >= boundMs && nowMs - pulse.orderedAtMs >= boundMs;
}

/** Whether writes may be sent here as far as acknowledgements go. */
export function isHeard(pulse: Pulse, ackCount: number, boundMs: number, nowMs: number): boolean {
  if (ackCount === 0) return true;
  return pulse.acknowledgedAtMs !== null && nowMs - pulse.acknowledgedAtMs < boundMs;
}
