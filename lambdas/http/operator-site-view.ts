import type * as z from 'zod'
import type { Person } from '../../core/account/account.ts'
import type { SiteEvent } from '../../core/events/event.ts'
import { purgeRequestEnds } from '../../core/site/end/purge-site.ts'
import type { Site } from '../../core/site/site.ts'
import { isKept, ownershipOf } from '../../core/site/site.ts'
import { lifeView } from './life-view.ts'
import type { operatorSiteDetailSchema, operatorSiteSchema, siteEventsSchema } from './operator-site-view-schema.ts'
import type { SiteViewPorts } from './site-view.ts'

type OperatorSiteView = z.infer<typeof operatorSiteSchema>

const untouched = {
  trialEndsAt: null,
  extensionsUsed: 0,
  heldSince: null,
  reprievedUntil: null,
  purgeRequest: null,
  archives: 0,
} as const

const factsOf = (site: Site) => {
  if (!isKept(site)) return untouched
  const purgeRequest = site.status === 'active' ? undefined : site.purgeRequest
  return {
    trialEndsAt: site.plan === 'trial' ? site.trialEndsAt : null,
    extensionsUsed: site.extensionsUsed,
    heldSince: site.heldSince ?? null,
    reprievedUntil: site.reprievedUntil ?? null,
    purgeRequest: purgeRequest === undefined ? null : { ...purgeRequest, endsAt: purgeRequestEnds(purgeRequest) },
    archives: site.archives.length,
  }
}

const ownedAs = (site: Site, { siteUrl }: SiteViewPorts) => {
  const ownership = ownershipOf(site)
  if (ownership === undefined) return { accountId: null, hostname: null, name: null, url: null }
  const { accountId, hostname, name } = ownership
  return { accountId, hostname, name, url: siteUrl(hostname) }
}

/** A site as operators see it, whoever owns it. */
export const operatorSiteView = (site: Site, ports: SiteViewPorts): OperatorSiteView => ({
  id: site.id,
  version: site.version,
  status: site.status,
  ...ownedAs(site, ports),
  plan: site.plan,
  cell: site.cell,
  blueprint: site.blueprint,
  policyVersion: site.policyVersion,
  createdAt: site.createdAt,
  ...factsOf(site),
  ...lifeView(site, ports.policies.find(site.policyVersion)),
  attempts: 'operation' in site ? (site.operation?.fence ?? null) : null,
  failure: site.status === 'failed' ? site.failure : null,
})

/** The same with whom to write to. */
export const operatorSiteDetail = (
  site: Site,
  owner: Person | undefined,
  ports: SiteViewPorts,
): z.infer<typeof operatorSiteDetailSchema> => ({
  ...operatorSiteView(site, ports),
  owner: owner === undefined ? null : { email: owner.email, name: owner.name ?? null },
})

/** An event as it is kept, without what every one of a site has alike. */
export const siteEventView = ({
  id,
  type,
  version,
  at,
  actor,
  causationId,
  data,
}: SiteEvent): z.infer<typeof siteEventsSchema>['events'][number] => ({
  id,
  type,
  version,
  at,
  actor,
  causationId,
  data: { ...data },
})
