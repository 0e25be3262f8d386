import type { Instant } from '../../../core/instant.ts'
import { addProductEvents, type ProductEvents } from './product-events.ts'

/** The upper bounds of the latency buckets, in milliseconds from asking the site to the first byte; one more bucket has the rest. */
export const latencyBounds = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000] as const

/** What visitors did on a site in some time, without a trace of who they were. */
export interface Usage {
  readonly requests: number
  /** Answers with 4xx. */
  readonly clientErrors: number
  /** Answers with 5xx, also those of the router for a site that does not answer. */
  readonly serverErrors: number
  /** The size of bodies and of upgraded connections' traffic, in both directions. */
  readonly bytes: number
  /** Answers in each latency bucket. */
  readonly latency: number[]
  /** Those that the blueprint declares; absent where nothing happened. */
  readonly productEvents?: ProductEvents | undefined
}

export const noUsage = (): Usage => ({
  requests: 0,
  clientErrors: 0,
  serverErrors: 0,
  bytes: 0,
  latency: Array<number>(latencyBounds.length + 1).fill(0),
})

const none: ProductEvents = new Map()

export const addUsage = (left: Usage, right: Usage): Usage => ({
  requests: left.requests + right.requests,
  clientErrors: left.clientErrors + right.clientErrors,
  serverErrors: left.serverErrors + right.serverErrors,
  bytes: left.bytes + right.bytes,
  latency: left.latency.map((each, index) => each + (right.latency[index] ?? 0)),
  ...(left.productEvents === undefined && right.productEvents === undefined
    ? {}
    : { productEvents: addProductEvents(left.productEvents ?? none, right.productEvents ?? none) }),
})

export const latencyBucket = (milliseconds: number): number => {
  const index = latencyBounds.findIndex((bound) => milliseconds <= bound)
  return index === -1 ? latencyBounds.length : index
}

/** For how long usage is kept. */
export const usageDays = { hour: 90, day: 730 } as const
export const usagePeriods = ['hour', 'day'] as const
export type UsagePeriod = (typeof usagePeriods)[number]

/** The name of a period in UTC, which sorts as text: `2026-11-21T22` or `2026-11-21`. */
export const periodOf = (period: UsagePeriod, instant: Instant): string => instant.slice(0, period === 'hour' ? 13 : 10)

export const startOfPeriod = (name: string): Instant =>
  name.length === 13 ? `${name}:00:00.000Z` : `${name}T00:00:00.000Z`
