import { Cron } from 'croner'
import * as z from 'zod'
import { type Instant, toInstant } from '../../core/instant.ts'

export const hourMilliseconds = 3_600_000
const dayMilliseconds = 24 * hourMilliseconds
const halfYearMilliseconds = 182 * dayMilliseconds
/** A year of hours is more than any pattern that repeats sooner needs. */
const checkedRuns = 400
const anyYear = new Date('2026-01-01T00:00:00Z')

/** Runs by a wall clock whose times are written as those of UTC. */
const cronOf = ({ cron }: { readonly cron: string }): Cron | undefined => {
  try {
    return new Cron(cron, { timezone: 'UTC', paused: true })
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
    cron: z
      .string()
      .overwrite((cron) => cron.trim().replace(/\s+/g, ' '))
      .regex(/^\S+( \S+){4}$/, 'must have five fields: minute, hour, day, month, weekday'),
    timeZone: z.string().refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin', abort: true }),
  })
  .refine((time) => cronOf(time)?.nextRun(anyYear) instanceof Date, {
    path: ['cron'],
    error: 'must be a cron expression',
  })

type WakeTime = z.infer<typeof wakeTimeSchema>

/** By how many milliseconds the wall clock of a zone is ahead of UTC at an instant. */
const offsetsOf = (timeZone: string): ((at: number) => number) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
    return wall - Math.floor(at / 1000) * 1000
  }
}

/**
 * The instants at which a wall clock shows a time, around which its offset changes from one to another: two where it is set
 * back. For a time that is skipped, the instant at which an unchanged clock would show it.
 */
const instantsOf = (wall: number, offsetAt: (at: number) => number): readonly number[] => {
  const [before, after] = [offsetAt(wall - dayMilliseconds), offsetAt(wall + dayMilliseconds)]
  const shown = [...new Set([before, after])]
    .map((offset) => wall - offset)
    .filter((at) => at + offsetAt(at) === wall)
    .toSorted((one, other) => one - other)
  return shown.length > 0 ? shown : [wall - before]
}

/** In standard time: a change of the clock may bring two times nearer, and the site then wakes once or twice. */
const areAnHourApart = (times: readonly WakeTime[]): boolean => {
  const runs = times
    .flatMap((time) => {
      const offsetAt = offsetsOf(time.timeZone)
      const standard = Math.min(offsetAt(anyYear.getTime()), offsetAt(anyYear.getTime() + halfYearMilliseconds))
      return (cronOf(time)?.nextRuns(checkedRuns, anyYear) ?? []).map((run) => run.getTime() - standard)
    })
    .toSorted((one, other) => one - other)
  return runs.every((run, index) => index === 0 || run - (runs[index - 1] ?? 0) >= hourMilliseconds)
}

/** When sites of a blueprint wake without a visitor, for work of their own. */
export const wakeTimesSchema = z
  .array(wakeTimeSchema)
  .max(24)
  .refine(areAnHourApart, 'must be at least an hour apart')
  .readonly()

/** No clock is set by more. */
const longestShiftMilliseconds = 3 * hourMilliseconds

/** The first run after an instant. A time that the clock shows twice counts once, unless the pattern is of every hour. */
const nextRun = (time: WakeTime, after: number): number | undefined => {
  const cron = cronOf(time)
  const offsetAt = offsetsOf(time.timeZone)
  const isHourly = time.cron.split(' ')[1] === '*'
  const found: number[] = []
  let wall = cron?.nextRun(new Date(after + offsetAt(after) - longestShiftMilliseconds)) ?? undefined
  for (; wall !== undefined; wall = cron?.nextRun(wall) ?? undefined) {
    const instants = instantsOf(wall.getTime(), offsetAt)
    found.push(...instants.slice(0, isHourly ? 2 : 1).filter((at) => at > after))
    if ((instants[0] ?? 0) > after) return Math.min(...found)
  }
  return undefined
}

export const nextWake = (times: readonly WakeTime[], after: Instant): Instant | undefined => {
  const next = times.flatMap((time) => nextRun(time, Date.parse(after)) ?? []).toSorted((one, other) => one - other)[0]
  return next === undefined ? undefined : toInstant(new Date(next))
}
