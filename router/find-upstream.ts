import type { Entitlement } from '../core/entitlement/entitlement.ts'
import { entitlementOf } from '../core/entitlement/entitlement.ts'
import type { Instant } from '../core/instant.ts'
import type { Limits, PlanCatalogue } from '../core/plan/plan.ts'
import { createUnlocks } from '../core/plan/plan-catalogue.ts'
import type { Log } from '../core/ports/context.ts'
import type { SiteDirectory } from '../core/ports/site-lists.ts'
import type { EntitlementSigner } from '../core/ports/tokens.ts'
import type { ActiveSite, Endpoint } from '../core/site/site.ts'
import { heldFor } from '../core/site/site-facts.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import type { Page } from './page.ts'
import { pageFor, pausedPages, restartingPage, unavailablePage } from './router-pages.ts'
import type { SiteTraffic, TrafficOfSites } from './site-traffic.ts'

/** The limits of a site and its visitors. */
export interface SiteTerms {
  readonly siteId: ActiveSite['id']
  readonly blueprint: ActiveSite['blueprint']
  readonly limits: Limits
  readonly traffic: SiteTraffic
  /** Whether nothing may be added to what it stores. */
  readonly isFull: boolean
  /** Only of a trial. */
  readonly trialEndsAt: Instant | undefined
}

/** A site that can be asked. */
export interface Upstream {
  readonly hostname: string
  readonly terms: SiteTerms
  readonly endpoint: Endpoint
  /** Signed. */
  readonly entitlement: string
}

/** A site that pauses for a moment, and the page for visitors who cannot be held so long. */
interface Paused {
  readonly terms: SiteTerms
  readonly page: Page
}

type Found = { readonly upstream: Upstream } | { readonly paused: Paused } | { readonly page: Page }

/** Never rejects: what goes wrong here is logged, and a page says so to the visitor. */
export type FindUpstream = (hostname: string, options?: { readonly fresh?: boolean }) => Promise<Found>

interface Agreed {
  readonly entitlement: Entitlement
  readonly terms: SiteTerms
}

export const createFindUpstream = (dependencies: {
  readonly directory: SiteDirectory
  readonly signer: EntitlementSigner
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly consoleUrl: string
  readonly trafficOfSites: TrafficOfSites
  readonly log: Log
}): FindUpstream => {
  const { directory, signer, plans, policies, consoleUrl, trafficOfSites, log } = dependencies
  const unlocksFor = createUnlocks(plans)
  // The directory gives the same object for a second, and the signer knows an entitlement it has seen by its identity.
  const agreed = new WeakMap<ActiveSite, Agreed>()

  const agree = (site: ActiveSite): Agreed => {
    const known = agreed.get(site)
    if (known !== undefined) return known
    const plan = plans.find(site.plan)
    const terms = {
      siteId: site.id,
      blueprint: site.blueprint,
      limits: plan.limits,
      traffic: trafficOfSites.of(site.id),
      isFull: site.storage === 'full',
      trialEndsAt: plan.kind === 'trial' ? site.trialEndsAt : undefined,
    }
    const agreement = {
      entitlement: entitlementOf(site, plan, { unlocks: unlocksFor(plan), policies, consoleUrl }),
      terms,
    }
    agreed.set(site, agreement)
    return agreement
  }

  return async (hostname, options = {}) => {
    try {
      const site = await directory.find(hostname, options)
      if (site?.status !== 'active') return { page: pageFor(site) }
      const { entitlement, terms } = agree(site)
      const { endpoint } = site
      if (endpoint === undefined) {
        const reason = heldFor(site)
        return reason === undefined ? { page: restartingPage } : { paused: { terms, page: pausedPages[reason] } }
      }
      return { upstream: { hostname, terms, endpoint, entitlement: await signer.sign(site.id, entitlement) } }
    } catch (error) {
      log.error({ err: error, hostname }, 'router: a site could not be looked up')
      return { page: unavailablePage }
    }
  }
}
