/** Milliseconds, rounded to a tenth. */
export interface Figures {
  readonly count: number
  readonly median: number
  readonly p99: number
  readonly max: number
}

const tenth = (value: number): number => Math.round(value * 10) / 10

/** Nearest rank; zeros where nothing was measured. */
export const figuresOf = (milliseconds: readonly number[]): Figures => {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  const at = (share: number): number => tenth(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { count: sorted.length, median: at(0.5), p99: at(0.99), max: at(1) }
}
