/** Random numbers that a seed repeats. */
export interface Random {
  /** Of `[0, 1)`. */
  readonly fraction: () => number
  /** A whole number of `[0, limit)`. */
  readonly below: (limit: number) => number
  readonly shuffle: <Item>(items: readonly Item[]) => Item[]
}

/** mulberry32, which is public domain: small, and good enough to choose moments and victims. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(fraction() * limit)
  return {
    fraction,
    below,
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: fraction() }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  }
}
