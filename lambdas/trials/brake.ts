import * as z from 'zod'
import { type Actor, actorSchema } from '../../core/events/actor.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { SiteTotal } from '../../core/ports/site-lists.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'

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

/** How many destructive steps a day is expected to have. Days are UTC, by the domain clock. */
const forecastSchema = z.strictObject({
  day: z.iso.datetime({ precision: 3 }),
  today: z.int().nonnegative(),
  /** Deadlines in the following day, as known when this day began. */
  tomorrow: z.int().nonnegative(),
})

export type Forecast = z.infer<typeof forecastSchema>

/** Both ends included. */
export interface Stretch {
  readonly from: Instant
  readonly until: Instant
}

export const beginOfDay = (at: Instant): Instant => `${at.slice(0, 10)}T00:00:00.000Z`

export const nextDay = (at: Instant): Instant => plusDays(beginOfDay(at), 1)

const justBefore = (at: Instant): Instant => plusMilliseconds(at, -1)

export const lastOfDay = (at: Instant): Instant => justBefore(nextDay(at))

export const dayAfter = (at: Instant): Stretch => ({ from: nextDay(at), until: justBefore(plusDays(nextDay(at), 1)) })

const times = 3

/** A minimum for small installations. */
const leastForecast = 5

/** The most steps that may become due in a day. */
export const limitOf = ({ today }: Pick<Forecast, 'today'>): number => times * Math.max(leastForecast, today)

/** @param due steps due now, and steps begun since the day began. */
export const isFlood = (due: { readonly waiting: number; readonly begun: number }, forecast: Forecast): boolean =>
  due.waiting + due.begun > limitOf(forecast)

const instant = z.iso.datetime({ precision: 3 })

/** `clock`: the clock jumped. `too-many`: more is due than forecast. `operator`: pulled by a person. */
export const tripReasons = ['clock', 'too-many', 'operator'] as const

const tripSchema = z.strictObject({
  /** By the domain clock. */
  at: instant,
  because: z.enum(tripReasons),
  /** A sentence with the numbers, or the operator's reason. */
  detail: z.string(),
})

/** The sweep's state between two runs. Written on condition of the version before. */
export const brakeStateSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  tripped: tripSchema.optional(),
  /** When a sweep last read the domain clock. */
  seenAt: instant,
  /** Absent before the first sweep and after a release; the next sweep makes it. */
  forecast: forecastSchema.optional(),
  /** Steps begun since the forecast's day began; postponed ones are not counted again. */
  begun: z.int().nonnegative(),
  spent: spentSchema,
})

export type BrakeState = z.infer<typeof brakeStateSchema>

export const brakeActSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** The version of the brake's state after this act. */
  version: z.int().positive(),
  at: instant,
  act: z.enum(['tripped', 'released']),
  because: z.enum(tripReasons).optional(),
  detail: z.string(),
  actor: actorSchema(),
})

export type BrakeAct = z.infer<typeof brakeActSchema>

export interface Brake {
  readonly isOn: () => Promise<boolean>
}

export interface BrakeStore {
  /** Strongly consistent; undefined before the first sweep. */
  readonly read: () => Promise<BrakeState | undefined>
  /**
   * Writes the state and its history entry on condition of the version before. @returns false on a conflict, or if an
   * earlier attempt succeeded and lost its reply.
   */
  readonly write: (next: BrakeState, act?: BrakeAct) => Promise<boolean>
  readonly history: (limit: number) => Promise<readonly BrakeAct[]>
}

/** Reads the brake each time it is asked, because somebody may just have pulled it. */
export const brakeFromStore = (brakes: Pick<BrakeStore, 'read'>): Brake => ({
  isOn: async () => (await brakes.read())?.tripped !== undefined,
})

interface BrakeChange {
  readonly next: Omit<BrakeState, 'schemaVersion' | 'version'>
  readonly act?: Pick<BrakeAct, 'act' | 'because' | 'detail'> & { readonly actor: Actor }
}

/** Puts the brake on, and notes why. */
export const trip = (
  state: BrakeChange['next'],
  at: Instant,
  { actor, ...why }: { readonly because: BrakeAct['because'] & string; readonly detail: string; readonly actor: Actor },
): BrakeChange => ({ next: { ...state, tripped: { at, ...why } }, act: { act: 'tripped', ...why, actor } })

const fresh = (now: Instant): BrakeState => ({ schemaVersion: 1, version: 1, seenAt: now, begun: 0, spent: [] })

/**
 * Changes the brake's state; decides again if it is changed at the same time.
 * @param decide returns undefined if there is nothing to change.
 * @throws whatever `decide` throws, and {SitewrightError} `VersionConflict`.
 */
export const changeBrake = async (
  brakes: BrakeStore,
  now: Instant,
  decide: (state: BrakeState) => BrakeChange | undefined | Promise<BrakeChange | undefined>,
): Promise<BrakeState> =>
  retryOnConflict('The brake', async () => {
    const stored = await brakes.read()
    const state = stored ?? fresh(now)
    const change = await decide(state)
    if (change === undefined) return state
    const version = stored === undefined ? 1 : state.version + 1
    const next: BrakeState = { ...change.next, schemaVersion: 1, version }
    const act: BrakeAct | undefined = change.act && { ...change.act, schemaVersion: 1, version, at: now }
    return (await brakes.write(next, act)) ? next : conflict
  })
