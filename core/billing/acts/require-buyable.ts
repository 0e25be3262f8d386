import { SitewrightError } from '../../errors.ts'
import type { PlanCatalogue } from '../../plan/plan.ts'
import { requireKept } from '../../site/change-site.ts'
import type { KeptSite, Site } from '../../site/site.ts'
import { requireLeftToOwner } from './require-left-to-owner.ts'

const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
}

/**
 * The site, if money for it would bring it something: a trial, or one whose subscription has ended, that its owner may have.
 * One that its owner has deleted too: paying for it ends that.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 */
export const requireBuyable = (found: Site, { plans }: PlanCatalogue): KeptSite => {
  const site = requireKept(found)
  if (site.billing !== undefined && site.billing.state !== 'ended') {
    return refuse(`This site has a subscription. To change it, use /v1/sites/${site.id}/plan.`)
  }
  const isTrial = plans.some(({ id, kind }) => id === site.plan && kind === 'trial')
  if (site.billing === undefined && !isTrial) {
    return refuse('The plan of this site is by arrangement. Write to us to change it.')
  }
  requireLeftToOwner(site)
  return site
}
