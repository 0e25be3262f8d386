import type { Entitlement } from '../core/entitlement/entitlement.ts'
import { entitlementOf } from '../core/entitlement/entitlement.ts'
import type { PlanCatalogue } from '../core/plan/plan.ts'
import type { EntitlementSigner } from '../core/ports/entitlements.ts'
import type { Log } from '../core/ports/log.ts'
import type { SiteDirectory } from '../core/ports/site-directory.ts'
import type { ActiveSite, Endpoint } from '../core/site/site.ts'
import type { Page } from './page.ts'
import { pageFor, restartingPage, unavailablePage } from './router-pages.ts'

/** A site that can be asked. */
export interface Upstream {
  readonly siteId: ActiveSite['id']
  readonly endpoint: Endpoint
  /** Signed. */
  readonly entitlement: string
  readonly hostname: string
  readonly isTrial: boolean
}

type Found = { readonly upstream: Upstream } | { readonly page: Page }

/** Never rejects: what goes wrong here is logged, and a page says so to the visitor. */
export type FindUpstream = (hostname: string, options?: { readonly fresh?: boolean }) => Promise<Found>

interface Terms {
  readonly entitlement: Entitlement
  readonly isTrial: boolean
}

export const createFindUpstream = (dependencies: {
  readonly directory: SiteDirectory
  readonly signer: EntitlementSigner
  readonly plans: PlanCatalogue
  readonly log: Log
}): FindUpstream => {
  const { directory, signer, plans, log } = dependencies
  // The directory gives the same object for a second, and the signer knows an entitlement it has seen by its identity.
  const termsOf = new WeakMap<ActiveSite, Terms>()

  const agree = (site: ActiveSite): Terms => {
    const known = termsOf.get(site)
    if (known !== undefined) return known
    const plan = plans.find(site.plan)
    const terms = { entitlement: entitlementOf(site, plan), isTrial: plan.kind === 'trial' }
    termsOf.set(site, terms)
    return terms
  }

  return async (hostname, options = {}) => {
    try {
      const site = await directory.find(hostname, options)
      if (site?.status !== 'active') return { page: pageFor(site) }
      const { endpoint } = site
      if (endpoint === undefined) return { page: restartingPage }
      const { entitlement, isTrial } = agree(site)
      const signed = await signer.sign(site.id, entitlement)
      return { upstream: { siteId: site.id, endpoint, entitlement: signed, hostname, isTrial } }
    } catch (error) {
      log.error({ err: error, hostname }, 'router: a site could not be looked up')
      return { page: unavailablePage }
    }
  }
}
