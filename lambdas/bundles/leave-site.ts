import { refuse } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import { type Act, type ActPorts, operateOnSite, requireIdle } from '../../core/site/change-site.ts'
import { refuseEnvironment } from '../../core/site/environment.ts'
import { siteChange } from '../../core/site/lifecycle.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import { isLive, type KeptSite, type LiveSite, type Site } from '../../core/site/site.ts'
import { isCollected } from '../../core/site/site-billing.ts'
import type { DomainStore } from '../domains/ports.ts'
import { suspendSite } from '../endings/end-site.ts'

interface LeavePorts extends Omit<ActPorts, 'policies'>, Pick<Context, 'siteUrl'> {
  readonly domains: Pick<DomainStore, 'listBySite'>
}

const requireLeavable = (site: Site): LiveSite => {
  refuseEnvironment(site, 'does not move to another installation')
  if (!isLive(site)) return refuse(`A site that is ${site.status} cannot leave. It has to be active or asleep.`)
  requireIdle(site)
  const { billing, relocation, heldSince } = site
  if (billing !== undefined && isCollected(billing) && !billing.cancelsAtPeriodEnd) {
    refuse(
      'The subscription of this site renews, and would be charged here for a site that is elsewhere. Cancel it first.',
    )
  }
  if (heldSince !== undefined) refuse('This site is on hold, so it would not be archived. End the hold first.')
  if (isAgreed(relocation)) refuse('A relocation of this site is agreed. Confirm or withdraw it first.')
  return site
}

const requireElsewhere = ({ siteUrl }: LeavePorts, { ownership }: KeptSite, to: string): void => {
  if (new URL(siteUrl(ownership.hostname)).origin === to) refuse('The new hostname is the one that the site has now.')
}

/** A site that has left. */
const awaySite = (site: Site) =>
  (site.status === 'suspended' || site.status === 'archived') && site.movedTo !== undefined ? site : undefined

/**
 * Suspends a site as moved: it is archived at once, and visitors are sent on. Repeating it changes nothing, or only where they are sent.
 * @param to the origin at which the site is then.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` unless it is active or asleep, while its subscription renews or it is on
 *   hold, and to a hostname that it has here; `OperationInProgress`; `VersionConflict`.
 */
export const leaveSite = async (
  ports: LeavePorts,
  act: Act,
  { to, reason }: { readonly to: string; readonly reason: string },
): Promise<Site> => {
  const { hostname } = new URL(to)
  const domains = isId('site', act.siteId) ? await ports.domains.listBySite(act.siteId) : []
  // Its visitors would be redirected to where they are.
  if (domains.some((domain) => domain.hostname === hostname)) {
    refuse(`${hostname} is a domain of this site here. Give the hostname that the other installation gives the site.`)
  }
  return operateOnSite(ports, act, (found, context) => {
    const away = awaySite(found)
    if (away?.operation?.kind === 'restore') refuse('This site is being restored here. Let it leave when it runs.')
    if (away?.movedTo === to) return undefined
    const site = away ?? requireLeavable(found)
    requireElsewhere(ports, site, to)
    if (isLive(site)) return suspendSite(site, { because: 'moved', movedTo: to, reason }, context)
    const after = { ...site, movedTo: to }
    return siteChange({ transition: 'changeUrl', before: site, after, details: { reason } }, context)
  })
}
