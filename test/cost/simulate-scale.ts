import { leastFree, maxBegun } from '../../lambdas/sleep/dormancy.ts'
import { seededInteger } from '../support/simulation/seeded.ts'
import { assumptions } from './assumptions.ts'
import { maxSitesOfAnAccount } from './bills.ts'
import { changesOfADefinition, definitionQuota } from './simulate-rollout.ts'

/** How the trials of an account are used. */
export interface ScaleCase {
  readonly trials: number
  readonly days: number
  /** How many uses a site has in a row, two hours apart: with 2, half of them find it asleep and not dormant. */
  readonly together: number
  /** In how many hours of the day uses and sign-ups begin; 24 for an even load. */
  readonly hours: number
  readonly seed: number
}

/** What the configuration and the assumptions of the bill say of a trial. */
export interface TrialHabits {
  /** How many uses a trial has a day on average, those without any included. */
  readonly uses: number
  readonly trialDays: number
  readonly dormantAfterDays: number
  /** From the last request on. */
  readonly minutesUntilSleep: number
  /** The share of wakes of dormant sites that a measurement follows. */
  readonly measured: number
}

export interface ScaleResult {
  readonly uses: number
  /** The share of uses that found the site dormant. */
  readonly dormantShare: number
  readonly maxPlaces: number
  readonly maxAwake: number
  /** Wakes that found no place; the site stays asleep. */
  readonly refused: number
  /** For how many seconds wakes of dormant sites waited for AWS, in addition to the start itself. */
  readonly median: number
  readonly p99: number
  readonly longest: number
}

const day = 86_400
const hour = 3600
const apart = 2 * hour
/** Longer waits count as this one, in seconds. */
const maxWait = day

/** A seed gives the same month everywhere. */
const randomOf = (seed: number) => {
  const integer = seededInteger(seed)
  return (): number => integer(2 ** 32) / 2 ** 32
}

/** What happens at a second, by the second: an array per second is faster than a heap of millions. */
const createCalendar = (seconds: number) => {
  const at: (number[] | undefined)[] = new Array(seconds + 1)
  return {
    add: (second: number, what: number): void => {
      if (second > seconds) return
      const there = at[second]
      if (there === undefined) at[second] = [what]
      else there.push(what)
    },
    take: (second: number): readonly number[] => {
      const there = at[second] ?? []
      at[second] = undefined
      return there
    },
  }
}

const dormant = 0
const waking = 1
const awake = 2
const asleep = 3

/**
 * Simulates days of one account, second by second: uses wake sites, which fall asleep again, and each minute a sweep makes sites dormant, with the figures of `lambdas/sleep/dormancy.ts`. Of
 * AWS it models two quotas: places, as if all cells were one, and changes of task definitions, which it serves in their order. New sites and the pool take no place in it.
 */
export const simulateScale = (one: ScaleCase, habits: TrialHabits): ScaleResult => {
  const random = randomOf(one.seed)
  const end = one.days * day
  const { add, take } = createCalendar(end)
  const state = new Uint8Array(one.trials)
  /** Until when a visitor is there. */
  const usedUntil = new Float64Array(one.trials)
  const asleepSince = new Float64Array(one.trials)
  /** Sites in the order in which they fell asleep. Those that woke meanwhile are passed over. */
  let order: { readonly site: number; readonly since: number }[] = []
  let first = 0
  const waits = new Uint32Array(maxWait + 1)
  const max = maxSitesOfAnAccount
  const counts = { uses: 0, dormant: 0, places: 0, awake: 0, maxPlaces: 0, maxAwake: 0, refused: 0 }

  const changesAt = definitionQuota(1)
  const isOf = (site: number, since: number): boolean => state[site] === asleep && asleepSince[site] === since

  const wakeDormant = (site: number, now: number): void => {
    counts.places += 1
    counts.maxPlaces = Math.max(counts.maxPlaces, counts.places)
    const registered = Math.ceil(changesAt(now, 1))
    const wait = Math.min(maxWait, registered - now)
    waits[wait] = (waits[wait] ?? 0) + 1
    if (random() < habits.measured) changesAt(now, changesOfADefinition)
    add(Math.max(now + 1, registered + assumptions.secondsToStartASite), site * 4 + awake)
  }
  const use = (site: number, now: number): void => {
    counts.uses += 1
    usedUntil[site] = Math.max(usedUntil[site] ?? 0, now + assumptions.minutesOfASession * 60)
    const is = state[site]
    if (is === waking || is === awake) return
    state[site] = waking
    if (is === asleep) {
      add(now + assumptions.secondsToStartASite, site * 4 + awake)
      return
    }
    counts.dormant += 1
    if (counts.places < max) {
      wakeDormant(site, now)
      return
    }
    counts.refused += 1
    state[site] = dormant
  }
  const run = (site: number, now: number): void => {
    if (state[site] !== awake) {
      state[site] = awake
      counts.awake += 1
      counts.maxAwake = Math.max(counts.maxAwake, counts.awake)
    }
    const sleepsAt = (usedUntil[site] ?? 0) + habits.minutesUntilSleep * 60
    if (sleepsAt > now) {
      add(Math.ceil(sleepsAt), site * 4 + awake)
      return
    }
    state[site] = asleep
    counts.awake -= 1
    asleepSince[site] = now
    order.push({ site, since: now })
  }
  const leastSleep = (): number =>
    max - counts.places < counts.places * leastFree ? hour : habits.dormantAfterDays * day
  /** Each minute: makes sites dormant that have slept for long, or for an hour where few places are free. */
  const sweep = (now: number): void => {
    for (let begun = 0; begun < maxBegun; first += 1) {
      const next = order[first]
      if (next === undefined) break
      if (!isOf(next.site, next.since)) continue
      if (now - next.since < leastSleep()) break
      state[next.site] = dormant
      counts.places -= 1
      changesAt(now, 1)
      begun += 1
    }
    if (first > 100_000) {
      order = order.slice(first)
      first = 0
    }
  }
  /** The uses, sign-ups and ends of a day. */
  const plan = (today: number): void => {
    const share = habits.uses / one.together
    for (let site = 0; site < one.trials; site += 1) {
      if (random() >= share) continue
      const begin = Math.floor(today * day + random() * one.hours * hour)
      for (let nth = 0; nth < one.together; nth += 1) add(begin + nth * apart, site * 4)
    }
    // Each sign-up and each end has a definition of its own.
    const signUps = Math.round(one.trials / habits.trialDays)
    for (let nth = 0; nth < 2 * signUps; nth += 1) add(Math.floor(today * day + random() * one.hours * hour), -1)
  }

  for (let now = 0; now < end; now += 1) {
    if (now % day === 0) plan(now / day)
    for (const what of take(now)) {
      if (what === -1) changesAt(now, changesOfADefinition)
      else if (what % 4 === 0) use(what / 4, now)
      else run(Math.floor(what / 4), now)
    }
    if (now % 60 === 0) sweep(now)
  }

  const at = (part: number): number => {
    let left = part * (counts.dormant - counts.refused)
    for (const [seconds, count] of waits.entries()) {
      left -= count
      if (left <= 0) return seconds
    }
    return maxWait
  }
  return {
    uses: counts.uses,
    dormantShare: counts.dormant / counts.uses,
    maxPlaces: counts.maxPlaces,
    maxAwake: counts.maxAwake,
    refused: counts.refused,
    median: at(0.5),
    p99: at(0.99),
    longest: at(1),
  }
}
