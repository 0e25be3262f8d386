import * as z from 'zod'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { SiteTotal } from '../../core/ports/site-lists.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Steps are counted in stretches of five minutes, so the list has at most 289 entries. */
const stretch = 5 * minute

/** The number of steps begun in the stretch from `from`, by the domain clock. Oldest first. */
export const spentSchema = z
  .array(z.strictObject({ from: z.iso.datetime({ precision: 3 }), count: z.int().positive() }))
  .readonly()

export type Spent = z.infer<typeof spentSchema>

/** How many destructive steps may be begun in any hour and any day. */
export interface Allowance {
  readonly hour: number
  readonly day: number
}

/** What the allowance is reckoned from. */
export const unpurgedSites = (totals: readonly SiteTotal[]): number => {
  const unpurged = totals.filter(({ status }) => status !== 'purged' && status !== 'failed')
  return Math.max(
    0,
    unpurged.reduce((total, { sites }) => total + sites, 0),
  )
}

/** @param unpurged sites that have an owner and are not purged. */
export const allowanceOf = (unpurged: number): Allowance => ({
  hour: Math.max(5, Math.floor(unpurged * 0.02)),
  day: Math.max(20, Math.floor(unpurged * 0.1)),
})

const stretchOf = (at: Instant): Instant => new Date(Math.floor(Date.parse(at) / stretch) * stretch).toISOString()

/** After a clock was set back, stretches in the future count as of now. */
const asOf = (spent: Spent, now: Instant): Spent => {
  const present = stretchOf(now)
  return spent.map(({ from, count }) => ({ from: from > present ? present : from, count }))
}

/** A stretch counts while any part of it is within the window, so no window holds more than allowed. */
const within = (spent: Spent, now: Instant, milliseconds: number): Spent => {
  const begin = plusMilliseconds(now, -milliseconds)
  return spent.filter(({ from }) => plusMilliseconds(from, stretch) > begin)
}

const sum = (spent: Spent): number => spent.reduce((total, { count }) => total + count, 0)

export const usedAt = (spent: Spent, now: Instant): Allowance => {
  const known = asOf(spent, now)
  return { hour: sum(within(known, now, hour)), day: sum(within(known, now, day)) }
}

export const roomAt = (spent: Spent, now: Instant, allowance: Allowance): number => {
  const used = usedAt(spent, now)
  const left = Math.min(allowance.hour - used.hour, allowance.day - used.day)
  return Math.max(0, left)
}

/** Counts steps begun now, and forgets what is a day old. */
export const spend = (spent: Spent, now: Instant, count: number): Spent => {
  const present = stretchOf(now)
  const known = within(asOf(spent, now), now, day)
  const before = known.filter(({ from }) => from < present)
  const here = sum(known.filter(({ from }) => from === present)) + count
  return here === 0 ? before : [...before, { from: present, count: here }]
}

/** The first instant, `now` or later, with room for one more step. */
export const nextRoomAt = (spent: Spent, now: Instant, allowance: Allowance): Instant => {
  const passes = asOf(spent, now).flatMap(({ from }) =>
    [hour, day].map((length) => plusMilliseconds(from, stretch + length)),
  )
  const next = [now, ...passes.filter((at) => at > now).toSorted()].find((at) => roomAt(spent, at, allowance) > 0)
  if (next === undefined) throw new Error('the rate limit never allows a step')
  return next
}
