import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'

/** When a running site is checked for use. Stands apart from the site's record, so that it causes no version and no event. */
export interface IdleCheck {
  readonly siteId: SiteId
  readonly at: Instant
}

/** How far the checks of all sites were scheduled again. */
export interface IdleWalk {
  /** Only sites of these plans; all if absent. */
  readonly plans?: readonly string[] | undefined
  readonly status: 'active' | 'asleep'
  /** Where the next page begins; absent at the first one of a status. */
  readonly cursor?: string | undefined
}

/** What the last sweep knew of the clock and the configuration. */
export interface IdleSweep {
  readonly sweptAt: Instant
  /** The clock jumped then, or the sweep did not run: earlier uses do not count. */
  readonly trustedSince: Instant
  /** By plan, as text. The checks of all sites follow them, or will after the walk. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Absent if no check has to be scheduled again. */
  readonly walk?: IdleWalk | undefined
}

export interface IdleChecks {
  /** Replaces an earlier check of the site. */
  readonly schedule: (check: IdleCheck) => Promise<void>
  readonly remove: (siteId: SiteId) => Promise<void>
  /** Replaces this check, or removes it; leaves a check alone that was scheduled since. */
  readonly replace: (check: IdleCheck, next: Instant | undefined) => Promise<void>
  /** Earliest first. @param after those up to it are left out. */
  readonly due: (until: Instant, after?: Instant) => AsyncIterable<IdleCheck>
  /** Undefined before the first sweep. */
  readonly lastSweep: () => Promise<IdleSweep | undefined>
  readonly noteSweep: (sweep: IdleSweep) => Promise<void>
}

/** Between two sweeps may lie so long; beyond that the clock jumped, or nothing was swept. The sweep runs every minute. */
const longestGapMilliseconds = 180_000

/** Beside the plans, whose ids have no spaces. */
const dormancySetting = 'dormant after days'

/** What of the plans decides when their sites sleep and are copied, and when those of any plan become dormant. */
export const sleepSettings = (
  { plans }: PlanCatalogue,
  dormantAfterDays?: number,
): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(
    plans.map(({ id, kind, sleepAfterMinutes = 'never', copies }) => {
      const copied = copies === undefined ? '' : ` copied every ${copies.everyHours} hours at ${copies.hour}`
      return [id, `${kind} ${sleepAfterMinutes}${copied}`]
    }),
  ),
  ...(dormantAfterDays === undefined ? {} : { [dormancySetting]: String(dormantAfterDays) }),
})

/** A walk over all sites if the checks that there are may be far ahead, and over sites of plans whose settings changed. */
const nextWalk = (
  last: IdleSweep | undefined,
  isBehind: boolean,
  settings: Readonly<Record<string, string>>,
): IdleWalk | undefined => {
  const begin = { status: 'active' } as const
  const followed = last?.settings
  if (isBehind || followed === undefined || settings[dormancySetting] !== followed[dormancySetting]) return begin
  const changed = Object.keys(settings).filter((plan) => settings[plan] !== followed[plan])
  if (changed.length === 0) return last?.walk
  if (last?.walk === undefined) return { ...begin, plans: changed }
  return last.walk.plans === undefined ? begin : { ...begin, plans: [...new Set([...last.walk.plans, ...changed])] }
}

/** Since when the clock is known not to have jumped: every site counts as used then. */
export const trustedFrom = (last: IdleSweep | undefined, now: Instant): Instant => {
  const gap = last === undefined ? Number.NaN : Date.parse(now) - Date.parse(last.sweptAt)
  return last !== undefined && gap >= 0 && gap <= longestGapMilliseconds ? last.trustedSince : now
}

/** The sweep that begins now. If the clock jumped or nothing was swept for a while, every site counts as used now. */
export const beginSweep = (
  last: IdleSweep | undefined,
  now: Instant,
  settings: Readonly<Record<string, string>>,
): IdleSweep => {
  const isBehind = last === undefined || now < last.sweptAt
  const walk = nextWalk(last, isBehind, settings)
  return { sweptAt: now, trustedSince: trustedFrom(last, now), settings, ...(walk === undefined ? {} : { walk }) }
}

/** When a site that was used last at some instant may be idle: routers report its use later than it happens. */
export const idleFrom = (used: Instant, { minutes, lateness }: { minutes: number; lateness: number }): Instant =>
  plusMilliseconds(used, minutes * 60_000 + lateness * 1000)

/**
 * When a running site becomes idle. A use in the future counts as one now.
 * @param facts.minutes after which it sleeps.
 * @param facts.lateness seconds by which the last use may be late.
 */
export const idleAt = (facts: {
  readonly minutes: number
  readonly lateness: number
  readonly lastUse: Instant | undefined
  readonly trustedSince: Instant
  readonly now: Instant
}): Instant => {
  const { lastUse = facts.trustedSince, trustedSince, now } = facts
  const used = lastUse > trustedSince ? lastUse : trustedSince
  return idleFrom(used > now ? now : used, facts)
}
