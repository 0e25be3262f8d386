import { SitewrightError } from '../../errors.ts'
import { idempotencyRecord, requireSameRequest } from '../../idempotency.ts'
import { isId } from '../../ids.ts'
import type { IdempotencyStore } from '../../ports/stores.ts'
import type { ActPorts } from '../act.ts'
import { actContext } from '../act.ts'
import type { OwnerAct } from '../change-named-site.ts'
import { changeOwnSite } from '../change-named-site.ts'
import { beginCopy, requireIdle } from '../operation-changes.ts'
import { requireKept, requireOwnSite } from '../require-site.ts'
import type { ActiveSite, Site } from '../site.ts'
import { startOperationSoon } from '../start-operation.ts'
import type { AdmitCopyPorts } from './admit-copy.ts'
import { admitCopy } from './admit-copy.ts'

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
const wasBegunBefore = async (ports: CopyPorts, act: CopyAct): Promise<boolean> => {
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
  const isRepeated = await wasBegunBefore(ports, act)
  const found = requireOwnSite(isId('site', act.siteId) ? await ports.sites.get(act.siteId) : undefined, act.accountId)
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
