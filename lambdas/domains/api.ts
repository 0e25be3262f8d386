import type * as z from 'zod'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { ownershipOf } from '../../core/site/site.ts'
import { type ActEndpointPorts, actEndpoint, actOf } from '../_runtime/act-endpoint.ts'
import { type HttpRoute, ownerEndpoint } from '../_runtime/endpoint.ts'
import type { AdmitPorts } from '../rate-limits/admit-in-window.ts'
import type { domainViewSchema } from './answers.ts'
import { type CustomDomain, goesAt, isHeld, recordsOf } from './custom-domain.ts'
import { domainOperations as operations } from './operations.ts'
import { type AddDomainPorts, addDomain, admitCheck, releaseOwnDomain, verifyOwnDomain } from './own-domains.ts'
import type { DomainEdge, RegistrableDomains } from './ports.ts'

const domainView = async (
  {
    edge,
    registrableDomains,
  }: { edge: Pick<DomainEdge, 'challenge' | 'targetOf'>; registrableDomains: RegistrableDomains },
  domain: CustomDomain,
  siteHostname: string,
): Promise<z.infer<typeof domainViewSchema>> => {
  const { hostname, state, addedAt, seen } = domain
  const records = recordsOf(domain, {
    target: edge.targetOf(siteHostname),
    registrable: await registrableDomains.of(hostname),
    challenge: edge.challenge,
  })
  return {
    hostname,
    state,
    records: records.map((record) => ({
      ...record,
      seen: record.purpose === 'edge' ? null : (seen?.[record.purpose] ?? null),
    })),
    addedAt,
    checkedAt: seen?.at ?? null,
    verifiedAt: isHeld(domain) ? domain.verifiedAt : null,
    releaseAt: goesAt(domain) ?? null,
    releasedBecause: domain.state === 'releasing' ? domain.because : null,
    certificateRetryAt: domain.refused?.retryAt ?? null,
  }
}

export type DomainRoutePorts = AddDomainPorts & AdmitPorts & ActEndpointPorts

export const domainRoutes = (ports: DomainRoutePorts): readonly HttpRoute[] => {
  const view = async (act: OwnerAct, domains: readonly CustomDomain[]) => {
    const site = await findOwnSite(ports, act)
    return Promise.all(domains.map((domain) => domainView(ports, domain, ownershipOf(site)?.hostname ?? '')))
  }

  return [
    actEndpoint(operations.addDomain, ports, async ({ params, body }, context) => {
      const act = actOf(params.id, context)
      await findOwnSite(ports, act)
      await admitCheck(ports, act.accountId)
      const { domain, isNew } = await addDomain(ports, act, body.hostname)
      const [shown] = await view(act, [domain])
      const location = `/v1/sites/${domain.siteId}/domains/${domain.hostname}`
      return isNew ? { status: 201, headers: { location }, body: shown } : { body: shown }
    }),
    ownerEndpoint(operations.listDomains, ports, async ({ params }, context) => {
      const act = actOf(params.id, context)
      const site = await findOwnSite(ports, act)
      return { body: { domains: await view(act, await ports.domains.listBySite(site.id)) } }
    }),
    actEndpoint(operations.verifyDomain, ports, async ({ params }, context) => {
      const act = { ...actOf(params.id, context), hostname: params.hostname }
      await findOwnSite(ports, act)
      await admitCheck(ports, act.accountId)
      const [shown] = await view(act, [await verifyOwnDomain(ports, act)])
      return { body: shown }
    }),
    ownerEndpoint(operations.releaseDomain, ports, async ({ params }, context) => {
      await releaseOwnDomain(ports, { ...actOf(params.id, context), hostname: params.hostname })
      return { status: 204 }
    }),
  ]
}
