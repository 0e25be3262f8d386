import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'
import { type ScaleCase, type ScaleResult, simulateScale, type TrialHabits } from './simulate-scale.ts'

const file = new URL('./scale-months.json', import.meta.url)

const monthSchema = z.strictObject({
  together: z.int(),
  hours: z.int(),
  /** In one account. */
  trials: z.int(),
  accounts: z.int(),
  /** The worst figures of all accounts, and the mean of the share. */
  dormantShare: z.number(),
  mostPlaces: z.int(),
  p99: z.int(),
  longest: z.int(),
})

/** A simulated month of a million trials. */
export type ScaleMonth = z.output<typeof monthSchema>

/** As `npm run scale` has written them. */
export const readMonths = (): readonly ScaleMonth[] =>
  z.array(monthSchema).parse(JSON.parse(readFileSync(file, 'utf8')))

const million = 1_000_000
const patterns = [1, 2].flatMap((together) => [24, 12].map((hours) => ({ together, hours })))
/** An account holds so many trials that 99 of 100 wakes of dormant sites wait for at most this many seconds. */
export const mostWait = 60
const step = 2500

const mostOf = (pattern: Pick<ScaleCase, 'together' | 'hours'>, habits: TrialHabits): number => {
  const holds = (trials: number): boolean =>
    simulateScale({ ...pattern, trials, days: 10, seed: 1 }, habits).p99 <= mostWait
  let trials = 4 * step
  while (holds(trials + step)) trials += step
  return trials
}

const monthOf = (pattern: Pick<ScaleCase, 'together' | 'hours'>, habits: TrialHabits): ScaleMonth => {
  const trials = mostOf(pattern, habits)
  const accounts = Math.ceil(million / trials)
  const results: ScaleResult[] = []
  for (let seed = 1; seed <= accounts; seed += 1) {
    results.push(simulateScale({ ...pattern, trials: Math.ceil(million / accounts), days: 30, seed }, habits))
  }
  const worst = (figure: (result: ScaleResult) => number): number => Math.max(...results.map(figure))
  const sum = results.reduce((total, { dormantShare }) => total + dormantShare, 0)
  return {
    ...pattern,
    trials,
    accounts,
    dormantShare: Math.round((100 * sum) / accounts) / 100,
    mostPlaces: worst(({ mostPlaces }) => mostPlaces),
    p99: worst(({ p99 }) => p99),
    longest: worst(({ longest }) => longest),
  }
}

/** Simulates a month of a million trials for each pattern of use, and keeps the figures for docs/scale.md. It takes some minutes. */
export const simulateMonths = (habits: TrialHabits, tell: (month: ScaleMonth) => void): void => {
  const months = patterns.map((pattern) => {
    const month = monthOf(pattern, habits)
    tell(month)
    return month
  })
  writeFileSync(file, `${JSON.stringify(months, undefined, 2)}\n`)
}
