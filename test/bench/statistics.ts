/** The smallest value that at least this share (0 to 1) of the values does not exceed; NaN of nothing. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  const index = Math.max(0, Math.ceil(sorted.length * share) - 1)
  return sorted[index] ?? Number.NaN
}

export interface Spread {
  median: number
  least: number
  most: number
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 0.5), least: Math.min(...values), most: Math.max(...values) }
}

/** Latencies of one load as figures: `p50_ms` and `p99_ms`. */
export const latencyFigures = (latencies: readonly number[]) => ({
  p50_ms: percentile(latencies, 0.5),
  p99_ms: percentile(latencies, 0.99),
})
