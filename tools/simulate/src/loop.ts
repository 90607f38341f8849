/** Simulated time: events in the order of their moments, those of one moment in the order of their making. */
interface Event {
  atMs: number;
  order: number;
  run: () => void;
}

export class Loop {
  nowMs = 0;
  #heap: Event[] = [];
  #order = 0;
  #ran = 0;

  /** Events so far. */
  get ran(): number {
    return this.#ran;
  }

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const event = { atMs: this.nowMs + delayMs, order: this.#order++, run };
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent];
      if (!other || !isBefore(event, other)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = event;
  }

  /** Runs until that moment, or until `isOver` says so after an event. */
  run(untilMs: number, isOver: () => boolean): void {
    for (let next = this.#heap[0]; next && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      this.nowMs = next.atMs;
      this.#ran++;
      next.run();
      if (isOver()) return;
    }
    this.nowMs = untilMs;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let first = heap[child];
      if (!first) break;
      const right = heap[child + 1];
      if (right && isBefore(right, first)) {
        child++;
        first = right;
      }
      if (!isBefore(first, last)) break;
      heap[at] = first;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
