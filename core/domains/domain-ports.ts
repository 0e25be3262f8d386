import type { PlanCatalogue } from '../plan/plan.ts'
import type { Clocks, Log, Randomness } from '../ports/context.ts'
import type { DomainStore } from '../ports/domains.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { LookUpPorts } from './look-up-domain.ts'

/** What looking at custom domains needs. */
export interface DomainPorts extends LookUpPorts {
  readonly sites: SiteStore
  readonly domains: DomainStore
  readonly plans: PlanCatalogue
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

/** The feature that a plan has to have. */
export const customDomainFeature = 'customDomain'
