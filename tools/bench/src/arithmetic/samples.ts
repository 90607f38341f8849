/** What a row of samples comes to. */
export interface Summary {
  count: number;
  median: number;
  p99: number;
  min: number;
  max: number;
}

/** Nearest rank: always one of the samples, the lower one of two middles. NaN when there are none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function summarise(samples: readonly number[]): Summary {
  return {
    count: samples.length,
    median: median(samples),
    p99: quantile(samples, 0.99),
    min: quantile(samples, 0),
    max: quantile(samples, 1),
  };
}

/** Each sample by the one taken in the same round: what disturbs a round disturbs both. */
export function ratios(samples: readonly number[], others: readonly number[]): number[] {
  return samples.slice(0, others.length).map((sample, round) => sample / (others[round] ?? NaN));
}
