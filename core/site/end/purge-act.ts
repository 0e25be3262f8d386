import { SitewrightError } from '../../errors.ts'
import type { Instant } from '../../instant.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Act, ActPorts } from '../act.ts'
import { actContext } from '../act.ts'
import type { SiteChange } from '../change.ts'
import { changeNamedSite } from '../change-named-site.ts'
import { requireTransition } from '../lifecycle.ts'
import { keptOperation, requireIdle } from '../operation-changes.ts'
import { requireKept } from '../require-site.ts'
import type { ArchivedSite, KeptSite, Site, SuspendedSite } from '../site.ts'
import { startOperationSoon } from '../start-operation.ts'
import { confirmPurge, requestPurge } from './deletion.ts'

/** In milliseconds. */
const validity = 24 * 60 * 60_000

/** Until when another operator may agree to what the first one asked for. */
export const purgeRequestEnds = ({ at }: { readonly at: Instant }): Instant => plusMilliseconds(at, validity)

const requirePurgeable = (found: Site): SuspendedSite | ArchivedSite => {
  requireTransition('purge', found)
  const site: KeptSite = requireKept(found)
  if (site.status === 'active') throw new Error(`${site.id} is active and was let through to be purged`)
  if (site.heldSince === undefined) return site
  throw new SitewrightError('TransitionNotAllowed', 'This site is on hold. End the hold before you purge it.')
}

/** Two at once cannot do this to one site; what the clock has begun and not decided gives way. */
const requireFree = (site: SuspendedSite | ArchivedSite): void => {
  if (keptOperation(site).operation !== undefined) requireIdle(site)
}

interface PurgeWish {
  readonly operatorId: string
  readonly reason: string
}

/**
 * Purges a site now, once two operators want it: the first one asks, the second one agrees within 24 hours.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` where it runs, is on hold, or the same operator asks again;
 *   `OperationInProgress`.
 */
export const purgeAsOperator = async (ports: ActPorts, act: Act, wish: PurgeWish): Promise<Site> => {
  const site = await changeNamedSite(ports, act, (found): SiteChange | undefined => {
    const purgeable = requirePurgeable(found)
    // Agreed on already: it is on its way.
    if (purgeable.deletion?.by === 'operators') return undefined
    requireFree(purgeable)
    const context = actContext(ports, act)
    const { purgeRequest } = purgeable
    if (purgeRequest === undefined || purgeRequestEnds(purgeRequest) <= context.clocks.domain()) {
      return requestPurge(purgeable, wish, context)
    }
    if (purgeRequest.operatorId !== wish.operatorId) return confirmPurge(purgeable, wish.reason, context)
    const until = purgeRequestEnds(purgeRequest)
    throw new SitewrightError(
      'TransitionNotAllowed',
      `You have asked for this already. Another operator has to agree, until ${until}.`,
    )
  })
  await startOperationSoon(ports, site)
  return site
}
