import { differenceOf, verdictOf } from './newcombe.ts'
import type { ReportCell, ReportResult } from './query-ports.ts'

const columns = [
  'offer',
  'measure',
  'variant',
  'accounts',
  'reached',
  'share',
  'against',
  'difference',
  'low',
  'high',
  'verdict',
]

interface Counted {
  readonly offer: string
  readonly variant: string
  readonly accounts: number
  readonly activated: number
  readonly paid: number
}

const countedOf = ([offer, variant, accounts, activated, paid]: readonly ReportCell[]): Counted => ({
  offer: String(offer),
  variant: String(variant),
  accounts: Number(accounts),
  activated: Number(activated),
  paid: Number(paid),
})

const measures = ['activated', 'paid'] as const

/** Compares each variant of an offer with the first one, with a Newcombe interval, for each measure. */
export const compareVariants = ({ rows, ...result }: ReportResult): ReportResult => {
  const offers = Map.groupBy(rows.map(countedOf), ({ offer }) => offer)
  const compared = [...offers.values()].flatMap((variants) =>
    measures.flatMap((measure) => {
      const proportions = variants.map((counted) => ({ counted, reached: counted[measure], of: counted.accounts }))
      return proportions.map(({ counted, reached, of }, place): readonly ReportCell[] => {
        const [first] = proportions
        const about = [counted.offer, measure, counted.variant, of, reached, of === 0 ? null : reached / of]
        if (first === undefined || place === 0) return [...about, null, null, null, null, null]
        const { difference, low, high } = differenceOf({ reached, of }, first) ?? {}
        const verdict = verdictOf({ reached, of }, first)
        return [...about, first.counted.variant, difference ?? null, low ?? null, high ?? null, verdict]
      })
    }),
  )
  return { ...result, columns, rows: compared }
}
