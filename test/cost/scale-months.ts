import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { leastFree, maxBegun } from '../../lambdas/sleep/dormancy.ts'
import { assumptions } from './assumptions.ts'
import { maxSitesOfAnAccount } from './bills.ts'
import { type ScaleCase, type ScaleResult, simulateScale, type TrialHabits } from './simulate-scale.ts'

const file = new URL('./scale-months.json', import.meta.url)

const figuresSchema = z.strictObject({
  together: z.int(),
  hours: z.int(),
  /** In one account. */
  trials: z.int(),
  accounts: z.int(),
  /** The mean of all accounts; the other figures are the worst of them. */
  dormantShare: z.number(),
  maxPlaces: z.int(),
  maxAwake: z.int(),
  refused: z.int(),
  p99: z.int(),
  longest: z.int(),
})
const monthsSchema = z.strictObject({
  /** What was simulated: other values make these figures stale. */
  given: z.record(z.string(), z.number()),
  months: z.array(figuresSchema),
})

/** A simulated month of a million trials. */
export type ScaleMonth = z.output<typeof figuresSchema>

/** As `npm run scale` has written them. */
export const readMonths = () => monthsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))

const million = 1_000_000
const patterns = [1, 2].flatMap((together) => [24, 12].map((hours) => ({ together, hours })))
/** An account holds so many trials that 99 of 100 wakes of dormant sites wait for at most this many seconds. */
export const maxWait = 60
const step = 2500

type Pattern = Pick<ScaleCase, 'together' | 'hours'>

/** Where the search begins: it looks at ten days of one account. */
const guessOf = (pattern: Pattern, habits: TrialHabits): number => {
  const holds = (trials: number): boolean =>
    simulateScale({ ...pattern, trials, days: 10, seed: 1 }, habits).p99 <= maxWait
  let trials = 4 * step
  while (holds(trials + step)) trials += step
  return trials
}

/** A month of the accounts of a million trials; undefined as soon as one of them does not hold. */
const monthOf = (pattern: Pattern, trials: number, habits: TrialHabits): ScaleMonth | undefined => {
  const accounts = Math.ceil(million / trials)
  const results: ScaleResult[] = []
  for (let seed = 1; seed <= accounts; seed += 1) {
    const result = simulateScale({ ...pattern, trials, days: 30, seed }, habits)
    if (result.p99 > maxWait) return undefined
    results.push(result)
  }
  const worst = (figure: (result: ScaleResult) => number): number => Math.max(...results.map(figure))
  const sum = results.reduce((total, { dormantShare }) => total + dormantShare, 0)
  return {
    ...pattern,
    trials,
    accounts,
    dormantShare: Math.round((100 * sum) / accounts) / 100,
    maxPlaces: worst(({ maxPlaces }) => maxPlaces),
    maxAwake: worst(({ maxAwake }) => maxAwake),
    refused: worst(({ refused }) => refused),
    p99: worst(({ p99 }) => p99),
    longest: worst(({ longest }) => longest),
  }
}

/** What the figures depend on. */
export const givenOf = (habits: TrialHabits): Readonly<Record<string, number>> => ({
  ...habits,
  leastFree,
  maxBegun,
  maxSitesOfAnAccount,
  secondsToStartASite: assumptions.secondsToStartASite,
  minutesOfASession: assumptions.minutesOfASession,
})

/** Simulates a month of a million trials for each pattern of use, and keeps the figures for docs/scale.md. It takes a minute or two. */
export const simulateMonths = (habits: TrialHabits, tell: (month: ScaleMonth) => void): void => {
  const months = patterns.map((pattern) => {
    let trials = guessOf(pattern, habits)
    let month = monthOf(pattern, trials, habits)
    while (month === undefined) {
      trials -= step
      month = monthOf(pattern, trials, habits)
    }
    tell(month)
    return month
  })
  writeFileSync(file, `${JSON.stringify({ given: givenOf(habits), months }, undefined, 2)}\n`)
}
