import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { IdleSweep } from '../ports/sleep.ts'

/** Between two sweeps may lie so long; beyond that the clock jumped, or nothing was swept. The sweep runs every minute. */
const longestGapMilliseconds = 180_000

/**
 * The sweep that begins now. If the clock jumped or nothing was swept for a while, every site counts as used now.
 * @returns `isFirst` if the checks of all sites have to be scheduled, because none are or those that are may be far ahead.
 */
export const beginSweep = (
  last: IdleSweep | undefined,
  now: Instant,
): { readonly sweep: IdleSweep; readonly isFirst: boolean } => {
  const gap = last === undefined ? Number.NaN : Date.parse(now) - Date.parse(last.sweptAt)
  const isSteady = last !== undefined && gap >= 0 && gap <= longestGapMilliseconds
  return { sweep: { sweptAt: now, trustedSince: isSteady ? last.trustedSince : now }, isFirst: !(gap >= 0) }
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
