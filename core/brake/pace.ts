import * as z from 'zod'
import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/**
 * What is begun is counted by stretches of five minutes: a list of single steps could grow with the place, and this one has
 * at most 289 entries.
 */
const stretch = 5 * minute

/** How many steps were begun in the stretch that begins at `from`, by the domain clock. Oldest first. */
export const spentSchema = z
  .array(z.strictObject({ from: z.iso.datetime({ precision: 3 }), count: z.int().positive() }))
  .readonly()
export type Spent = z.infer<typeof spentSchema>

/** How many steps that take something away may be begun in any hour and in any day. */
export interface Allowance {
  readonly hour: number
  readonly day: number
}

/** @param unpurged how many sites have an owner and are not purged. */
export const allowanceOf = (unpurged: number): Allowance => ({
  hour: Math.max(5, Math.floor(unpurged * 0.02)),
  day: Math.max(20, Math.floor(unpurged * 0.1)),
})

const stretchOf = (at: Instant): Instant => new Date(Math.floor(Date.parse(at) / stretch) * stretch).toISOString()

/** A clock that was set back leaves stretches in the future: they count as of now, so that they pass in their time. */
const asOf = (spent: Spent, now: Instant): Spent => {
  const present = stretchOf(now)
  return spent.map(({ from, count }) => ({ from: from > present ? present : from, count }))
}

/** A stretch counts while any moment of it is less than so long ago: so no window, wherever it begins, holds more. */
const within = (spent: Spent, now: Instant, milliseconds: number): Spent => {
  const begin = plusMilliseconds(now, -milliseconds)
  return spent.filter(({ from }) => plusMilliseconds(from, stretch) > begin)
}

const sum = (spent: Spent): number => spent.reduce((total, { count }) => total + count, 0)

/** How much of the pace is used. */
export const usedAt = (spent: Spent, now: Instant): Allowance => {
  const known = asOf(spent, now)
  return { hour: sum(within(known, now, hour)), day: sum(within(known, now, day)) }
}

/** How many more may be begun now. */
export const roomAt = (spent: Spent, now: Instant, allowance: Allowance): number => {
  const used = usedAt(spent, now)
  const left = Math.min(allowance.hour - used.hour, allowance.day - used.day)
  return Math.max(0, left)
}

/** With so many more begun now; what is a day old is forgotten. */
export const spend = (spent: Spent, now: Instant, count: number): Spent => {
  const present = stretchOf(now)
  const known = within(asOf(spent, now), now, day)
  const before = known.filter(({ from }) => from < present)
  const here = sum(known.filter(({ from }) => from === present)) + count
  return here === 0 ? before : [...before, { from: present, count: here }]
}

/** The first instant, `now` or later, at which one more may be begun if none is before. */
export const nextRoomAt = (spent: Spent, now: Instant, allowance: Allowance): Instant => {
  const passes = asOf(spent, now).flatMap(({ from }) =>
    [hour, day].map((length) => plusMilliseconds(from, stretch + length)),
  )
  const next = [now, ...passes.filter((at) => at > now).toSorted()].find((at) => roomAt(spent, at, allowance) > 0)
  // Once all has passed the allowance is whole, and it is never nothing.
  if (next === undefined) throw new Error('the pace never lets anything through')
  return next
}
