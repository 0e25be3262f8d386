import { refuseField } from '../../core/errors.ts'
import { type Instant, plusMilliseconds, toInstant } from '../../core/instant.ts'
import { isTimeZone } from '../../core/mail/mail-words.ts'
import type { RelocationWindow } from '../../core/site/relocation.ts'

/** A window as people write it: local times such as `2026-12-05T22:00` in an IANA time zone. */
export interface LocalWindow {
  readonly from: string
  readonly until: string
  readonly timeZone: string
}

/** The local time of an instant, such as `2026-12-05T22:00`. */
export const localTimeAt = (instant: Instant, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    .format(new Date(instant))
    .replace(' ', 'T')

/** In milliseconds: longer than any offset. No zone has two changes of its offset within two of them. */
const aDay = 24 * 60 * 60_000

/**
 * The instant of a local time; the first of two where daylight saving doubles it. Undefined where it skips it, or there is no such day.
 * The offsets of a day before and after are the only ones that can hold between them.
 */
export const instantOf = (local: string, timeZone: string): Instant | undefined => {
  const asUtc = Date.parse(`${local}:00.000Z`)
  if (Number.isNaN(asUtc)) return undefined
  return [-aDay, aDay]
    .map((shift) => {
      const near = toInstant(new Date(asUtc + shift))
      const offset = Date.parse(`${localTimeAt(near, timeZone)}:00.000Z`) - Date.parse(near)
      return toInstant(new Date(asUtc - offset))
    })
    .filter((instant) => localTimeAt(instant, timeZone) === local)
    .toSorted()[0]
}

const refuse = (field: string, problem: string): never =>
  refuseField(`window.${field}`, problem, `The window ${problem}.`)

const requireInstant = (local: string, timeZone: string, field: 'from' | 'until'): Instant =>
  instantOf(local, timeZone) ?? refuse(field, `names a time that does not exist in ${timeZone}: ${local}`)

/** In milliseconds. */
const shortest = 30 * 60_000
const longest = 3 * 24 * 60 * 60_000

/**
 * Reads a window.
 * @throws {SitewrightError} `InvalidRequest` if the zone is unknown, a time is skipped by daylight saving, or the window is in the past, shorter
 *   than half an hour or longer than three days.
 */
export const windowOf = ({ timeZone, ...local }: LocalWindow, now: Instant): RelocationWindow => {
  if (!isTimeZone(timeZone)) refuse('timeZone', `names no time zone such as Europe/Berlin: ${timeZone}`)
  const from = requireInstant(local.from, timeZone, 'from')
  const until = requireInstant(local.until, timeZone, 'until')
  if (until <= from) refuse('until', 'ends before it begins')
  if (from <= now) refuse('from', 'begins in the past')
  if (until < plusMilliseconds(from, shortest)) refuse('until', 'is shorter than half an hour')
  if (until > plusMilliseconds(from, longest)) refuse('until', 'is longer than three days')
  return { from, until, timeZone }
}
