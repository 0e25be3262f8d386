import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { Config } from '../../core/config/config.ts'
import { trialPolicies } from '../../core/site/trial-policies.ts'
import type { PageSettings } from '../settings.ts'

interface Installation {
  readonly config: Config
  readonly sitesDomain: string
  readonly blueprints: readonly Pick<Blueprint, 'name' | 'title'>[]
}

/** What the browser pages know of an installation. */
export const pageSettings = ({ config, sitesDomain, blueprints }: Installation): PageSettings => ({
  brand: config.brand,
  contact: config.contact,
  legal: config.legal,
  products: config.offeredBlueprints.map((name) => ({
    name,
    title: blueprints.find((blueprint) => blueprint.name === name)?.title ?? name,
  })),
  sitesDomain,
  trialDays: trialPolicies(config.trialPolicies).current.trialDays,
  sharedMailDomains: config.abuse.sharedMailDomains,
})
