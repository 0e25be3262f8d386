import { seededInteger } from '../support/simulation/seeded.ts'

/** Good enough to choose moments and victims. */
export const seededRandom = (seed: number) => {
  const below = seededInteger(seed)
  return {
    /** A whole number in `[0, limit)`. */
    below,
    shuffle: <Item>(items: readonly Item[]): Item[] =>
      items
        .map((item) => ({ item, rank: below(2 ** 32) }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  }
}

export type Random = ReturnType<typeof seededRandom>
