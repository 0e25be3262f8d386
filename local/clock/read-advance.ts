import { SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import { plusMilliseconds } from '../../core/instant.ts'

const parts = /^P(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?$/

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const units = [7 * day, day, hour, minute, second] as const

const longest = 3650 * day

/** Instants sort as text only as long as their years have four digits. */
const endOfInstants: Instant = '9999-12-31T23:59:59.999Z'

const refused = (message: string): SitewrightError =>
  new SitewrightError('InvalidRequest', 'The clock cannot be turned by that.', {
    fields: [{ path: 'advance', message }],
  })

/**
 * Where the clock is to stand, of how far it is to be turned: an ISO 8601 duration of weeks, days, hours, minutes and
 * seconds, such as `P14D` or `PT90M`; years and months have no length of their own.
 * @throws {SitewrightError} `InvalidRequest`.
 */
export const readAdvance = (advance: string, now: Instant): Instant => {
  const found = parts.exec(advance)
  if (found === null) throw refused('must be an ISO 8601 duration of weeks, days, hours, minutes or seconds, as P14D')
  const milliseconds = units.reduce((sum, unit, index) => sum + unit * Number(found[index + 1] ?? 0), 0)
  if (milliseconds === 0) throw refused('must be more than nothing')
  if (milliseconds > longest) throw refused('must be at most P3650D')
  if (Date.parse(now) + milliseconds > Date.parse(endOfInstants)) throw refused('must end before the year 10000')
  return plusMilliseconds(now, milliseconds)
}
