import { SitewrightError } from '../../errors.ts'
import { idempotencyRecord, requireSameRequest } from '../../idempotency.ts'
import type { SiteId } from '../../ids.ts'
import { toInstant } from '../../instant.ts'
import type { RateWindows } from '../../ports/abuse.ts'
import type { Clocks } from '../../ports/context.ts'
import type { IdempotencyStore } from '../../ports/stores.ts'
import type { ActPorts, OwnerAct } from '../change-site.ts'
import { actContext, changeOwnSite, findOwnSite, requireKept } from '../change-site.ts'
import { beginCopy, requireIdle } from '../operation-changes.ts'
import type { ActiveSite, Site } from '../site.ts'
import { startOperationSoon } from '../start-operation.ts'

export interface CopyPorts extends ActPorts, AdmitCopyPorts {
  readonly idempotency: IdempotencyStore
}

export interface CopyAct extends OwnerAct {
  readonly idempotencyKey?: string | undefined
}

const requireCopyable = (found: Site): ActiveSite => {
  const site = requireKept(found)
  if (site.status !== 'active') {
    throw new SitewrightError(
      'TransitionNotAllowed',
      `A site that is ${site.status} cannot be copied: resume it first.`,
    )
  }
  requireIdle(site)
  return site
}

const recordOf = ({ clocks }: CopyPorts, { accountId, siteId, idempotencyKey }: CopyAct, archiveId: string) =>
  idempotencyKey === undefined
    ? undefined
    : idempotencyRecord(
        { scope: accountId, key: idempotencyKey, request: { copyOf: siteId } },
        archiveId,
        clocks.wall(),
      )

/** Whether an earlier request with the same key has begun a copy. */
const wasRepeated = async (ports: CopyPorts, act: CopyAct): Promise<boolean> => {
  const record = recordOf(ports, act, '')
  const earlier = record === undefined ? undefined : await ports.idempotency.find(record.key)
  if (record === undefined || earlier === undefined) return false
  requireSameRequest(earlier, record)
  return true
}

/**
 * Begins to take a copy of the owner's site, which pauses for it. Asked again under the same key, nothing is begun.
 * @returns the site; without the operation where an earlier request with the key has begun a copy that is over.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` where it does not run, `OperationInProgress`, `RateLimited`,
 *   `IdempotencyKeyReused`.
 */
export const copyOwnSite = async (ports: CopyPorts, act: CopyAct): Promise<Site> => {
  const isRepeated = await wasRepeated(ports, act)
  const found = await findOwnSite(ports, act)
  if (isRepeated) return found
  // What cannot be copied now is no copy, and does not count as one.
  await admitCopy(ports, requireCopyable(found).id)
  const site = await changeOwnSite(ports, act, (now) => {
    const change = beginCopy(requireCopyable(now), actContext(ports, act))
    const idempotency = recordOf(ports, act, change.after.operation?.id ?? '')
    return idempotency === undefined ? change : { ...change, reserve: { idempotency } }
  })
  await startOperationSoon(ports, site)
  return site
}

export interface AdmitCopyPorts {
  readonly rateWindows: Pick<RateWindows, 'count'>
  readonly clocks: Clocks
}

/** Each copy pauses the site and is read back whole. Enough for one before every larger change; a plan for backups it is not. */
export const copiesPerDay = 4

const hour = 60 * 60_000
const day = 24 * hour

const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60)
  if (minutes > 90) return `${Math.round(minutes / 60)} hours`
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}

/**
 * Counts a copy that an owner is about to begin, by the days of UTC and the wall clock. One that fails has paused the site
 * too, and counts.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitCopy = async ({ rateWindows, clocks }: AdmitCopyPorts, siteId: SiteId): Promise<void> => {
  const now = Date.parse(clocks.wall())
  const start = Math.floor(now / day) * day
  const [count = 0] = await rateWindows.count([
    { key: `copies-${siteId}-${start}`, endsAt: toInstant(new Date(start + day)) },
  ])
  if (count <= copiesPerDay) return
  const retryAfterSeconds = Math.ceil((start + day - now) / 1000)
  throw new SitewrightError(
    'RateLimited',
    `At most ${copiesPerDay} copies of a site are taken a day. Try again in ${inWords(retryAfterSeconds)}.`,
    { retryAfterSeconds },
  )
}
