import type { components } from '../api/openapi.d.ts'

type Period = Pick<components['schemas']['UsagePeriod'], 'start' | 'requests'> &
  Partial<Pick<components['schemas']['UsagePeriod'], 'visitors' | 'errors'>>

export interface UsageDay {
  /** A day in UTC, such as `2027-01-01`. */
  readonly at: string
  readonly requests: number
  readonly visitors: number
  readonly errors: number
}

const dayMilliseconds = 86_400_000
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** Every day of a range, oldest first. The API omits days without usage. */
export const usageDays = (periods: readonly Period[], from: string, until: string): readonly UsageDay[] => {
  const byDay = new Map(periods.map((period) => [period.start.slice(0, 10), period]))
  const days: UsageDay[] = []
  for (let at = Date.parse(from) + dayMilliseconds; dayOf(at) <= until.slice(0, 10); at += dayMilliseconds) {
    const { requests = 0, visitors, errors } = byDay.get(dayOf(at)) ?? {}
    days.push({ at: dayOf(at), requests, visitors: visitors ?? 0, errors: errors?.server ?? 0 })
  }
  return days
}

/** What a range without counts means. Counts follow a visit within an hour. */
export const uncountedBecause = (lastUsedAt: string | null, from: string): 'empty' | 'none-lately' | 'counting' => {
  if (lastUsedAt === null) return 'empty'
  return lastUsedAt < from ? 'none-lately' : 'counting'
}

const niceSteps = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

/** The step of two grid lines above zero that have room for a value: a round number, and a whole one for whole values. */
export const gridStep = (max: number, isWhole: boolean): number => {
  const half = max / 2
  const power = 10 ** Math.floor(Math.log10(half || 1))
  const step = power * (niceSteps.find((nice) => nice * power >= half) ?? 10)
  return isWhole ? Math.max(1, Math.ceil(step)) : step
}
