export interface Leader {
  host: string;
  port: number;
}

/** Knows who leads; calls `onChange` when that changes, also to nobody. */
export interface LeaderDetector {
  readonly leader: Leader | undefined;
  start(onChange: () => void): void;
  stop(): void;
}

/** The one master an address names. */
export class StandaloneDetector implements LeaderDetector {
  readonly leader: Leader;

  constructor(address: string) {
    const colon = address.lastIndexOf(':');
    this.leader = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
  }

  start(onChange: () => void): void {
    onChange();
  }

  stop(): void {}
}
