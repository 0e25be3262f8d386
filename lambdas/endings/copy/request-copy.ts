import { SitewrightError } from '../../../core/errors.ts'
import { idempotencyRecord, requireSameRequest } from '../../../core/idempotency.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { IdempotencyStore } from '../../../core/ports/stores.ts'
import {
  type ActPorts,
  actContext,
  changeOwnSite,
  findOwnSite,
  type OwnerAct,
  requireKept,
} from '../../../core/site/change-site.ts'
import { requireIdle, startOperationSoon } from '../../../core/site/operation-changes.ts'
import { isLive, type LiveSite, type Site } from '../../../core/site/site.ts'
import { type AdmitPorts, countingSuccess } from '../../rate-limits/admit-in-window.ts'
import { beginCopy } from './take-copy.ts'

export interface CopyPorts extends ActPorts, AdmitPorts {
  readonly idempotency: IdempotencyStore
}

export interface CopyAct extends OwnerAct {
  readonly idempotencyKey?: string | undefined
}

const requireCopyable = (found: Site): LiveSite => {
  const site = requireKept(found)
  if (!isLive(site)) {
    throw new SitewrightError('TransitionNotAllowed', `This site is ${site.status}. Resume it before you copy it.`)
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

const wasRepeated = async (ports: CopyPorts, act: CopyAct): Promise<boolean> => {
  const record = recordOf(ports, act, '')
  const earlier = record === undefined ? undefined : await ports.idempotency.find(record.key)
  if (record === undefined || earlier === undefined) return false
  requireSameRequest(earlier, record)
  return true
}

/**
 * Begins a copy of the owner's site, which pauses for it unless it is asleep. A repeated request with the same key begins nothing.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` unless it is active or asleep, `OperationInProgress`, `RateLimited`,
 *   `IdempotencyKeyReused`.
 */
export const copyOwnSite = async (ports: CopyPorts, act: CopyAct): Promise<Site> => {
  const isRepeated = await wasRepeated(ports, act)
  const found = await findOwnSite(ports, act)
  if (isRepeated) return found
  // A refused copy does not count, also if another one began at the same moment.
  const site = await countingSuccess(ports, copiesOf(requireCopyable(found).id), () =>
    changeOwnSite(ports, act, (now) => {
      const change = beginCopy(requireCopyable(now), actContext(ports, act))
      const idempotency = recordOf(ports, act, change.after.operation?.id ?? '')
      return idempotency === undefined ? change : { ...change, reserve: { idempotency } }
    }),
  )
  await startOperationSoon(ports, site)
  return site
}

/** Each copy interrupts the site. Not meant for backups. */
export const copiesPerDay = 4

/** Failed copies count, because they interrupt the site too. */
const copiesOf = (siteId: SiteId) => ({
  key: `copies-${siteId}`,
  limit: copiesPerDay,
  milliseconds: 24 * 60 * 60_000,
  message: (wait: string) => `A site can be copied ${copiesPerDay} times a day. Try again in ${wait}.`,
})
