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
import type { ChangeContext, SiteChange } from '../../../core/site/lifecycle.ts'
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
    throw new SitewrightError('TransitionNotAllowed', `This site is ${site.status}. Resume it first.`)
  }
  requireIdle(site)
  return site
}

interface CopyRequest {
  /** What it asks for, so that two with one key can be told apart. */
  readonly is: { readonly copyOf: string } | { readonly restore: string; readonly of: string }
  /** Throws what refuses it, unless it is a repeated request. */
  readonly allow?: (site: LiveSite) => Promise<void>
}

/**
 * Begins what interrupts the owner's site for its data, which counts towards `copiesPerDay`. A repeated request with the same key begins nothing.
 * @param begin gets the site, which is active or asleep and has no operation.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` unless it is active or asleep, `OperationInProgress`, `RateLimited`,
 *   `IdempotencyKeyReused`; whatever `begin` throws.
 */
export const beginWithCopy = async (
  ports: CopyPorts,
  act: CopyAct,
  { is, allow }: CopyRequest,
  begin: (site: LiveSite, context: ChangeContext) => SiteChange<LiveSite>,
): Promise<Site> => {
  const { accountId, idempotencyKey } = act
  const recordOf = (operationId: string) =>
    idempotencyKey === undefined
      ? undefined
      : idempotencyRecord({ scope: accountId, key: idempotencyKey, request: is }, operationId, ports.clocks.wall())
  const record = recordOf('')
  const earlier = record === undefined ? undefined : await ports.idempotency.find(record.key)
  if (record !== undefined && earlier !== undefined) requireSameRequest(earlier, record)
  const found = await findOwnSite(ports, act)
  if (earlier !== undefined) return found
  await allow?.(requireCopyable(found))
  // A refused copy does not count, also if another one began at the same moment.
  const site = await countingSuccess(ports, copiesOf(requireCopyable(found).id), () =>
    changeOwnSite(ports, act, (now) => {
      const change = begin(requireCopyable(now), actContext(ports, act))
      const idempotency = recordOf(change.after.operation?.id ?? '')
      return idempotency === undefined ? change : { ...change, reserve: { idempotency } }
    }),
  )
  await startOperationSoon(ports, site)
  return site
}

/** Begins a copy of the owner's site, which pauses for it unless it is asleep. @throws {SitewrightError} as `beginWithCopy`. */
export const copyOwnSite = (ports: CopyPorts, act: CopyAct): Promise<Site> =>
  beginWithCopy(ports, act, { is: { copyOf: act.siteId } }, beginCopy)

/** Each copy interrupts the site. Not meant for backups. */
export const copiesPerDay = 4

/** Failed copies count, because they interrupt the site too. */
const copiesOf = (siteId: SiteId) => ({
  key: `copies-${siteId}`,
  limit: copiesPerDay,
  milliseconds: 24 * 60 * 60_000,
  message: (wait: string) =>
    `The data of a site can be copied or restored ${copiesPerDay} times a day. Try again in ${wait}.`,
})
