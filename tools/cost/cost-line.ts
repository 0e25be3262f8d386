import type { PriceName } from './prices.ts'
import { prices } from './prices.ts'

/** So much of something, and what it costs in US dollars. */
export interface CostLine {
  readonly item: string
  readonly price: PriceName
  readonly quantity: number
  readonly usd: number
  /** The paths in sitewright.config.ts that change the quantity. */
  readonly settings: readonly string[]
}

export const costLine = (
  item: string,
  price: PriceName,
  quantity: number,
  settings: readonly string[] = [],
): CostLine => ({ item, price, quantity, settings, usd: (quantity * prices[price].usd) / prices[price].per })

export const totalOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0)

/** The same so many times over. */
export const times = (factor: number, lines: readonly CostLine[]): readonly CostLine[] =>
  lines.map((line) => ({ ...line, quantity: line.quantity * factor, usd: line.usd * factor }))

/** The lines of a bill that belong together. */
export interface BillPart {
  readonly name: string
  readonly lines: readonly CostLine[]
}
export type Bill = readonly BillPart[]

export const linesOf = (bill: Bill): readonly CostLine[] => bill.flatMap(({ lines }) => lines)

/** The same lines, changed by further settings. */
export const changedBy = (settings: readonly string[], lines: readonly CostLine[]): readonly CostLine[] =>
  lines.map((line) => ({ ...line, settings: [...settings, ...line.settings] }))
