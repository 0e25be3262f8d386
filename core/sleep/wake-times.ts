import { Cron } from 'croner'
import * as z from 'zod'
import type { Instant } from '../instant.ts'
import { toInstant } from '../instant.ts'

const hourMilliseconds = 3_600_000
/** A year of hours is more than any pattern that repeats sooner needs. */
const checkedRuns = 400
const anyYear = new Date('2026-01-01T00:00:00Z')

const cronOf = ({ cron, timeZone }: { readonly cron: string; readonly timeZone: string }): Cron | undefined => {
  try {
    return new Cron(cron, { timezone: timeZone, paused: true })
  } catch {
    return undefined
  }
}

const isTimeZone = (timeZone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const wakeTimeSchema = z
  .strictObject({
    /** Five fields, as in crontab: minute, hour, day of month, month, weekday. */
    cron: z.string().regex(/^\S+( \S+){4}$/, 'must have five fields: minute, hour, day, month, weekday'),
    timeZone: z.string().refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin', abort: true }),
  })
  .refine((time) => cronOf(time)?.nextRun(anyYear) instanceof Date, {
    path: ['cron'],
    error: 'must be a cron expression',
  })

type WakeTime = z.infer<typeof wakeTimeSchema>

const areAnHourApart = (times: readonly WakeTime[]): boolean => {
  const runs = times
    .flatMap((time) => cronOf(time)?.nextRuns(checkedRuns, anyYear) ?? [])
    .map((run) => run.getTime())
    .toSorted((one, other) => one - other)
  return runs.every((run, index) => index === 0 || run - (runs[index - 1] ?? 0) >= hourMilliseconds)
}

/** When sites of a blueprint wake without a visitor, for work of their own. */
export const wakeTimesSchema = z
  .array(wakeTimeSchema)
  .max(24)
  .refine(areAnHourApart, 'must be at least an hour apart')
  .readonly()

/** The first wake time after an instant; undefined if there is none. */
export const nextWake = (times: readonly WakeTime[], after: Instant): Instant | undefined =>
  times
    .flatMap((time) => cronOf(time)?.nextRun(new Date(after)) ?? [])
    .map(toInstant)
    .toSorted()[0]
