import type { AdmitPorts } from '../../core/abuse/admit-in-window.ts'
import type { AddDomainPorts } from '../../core/domains/add-domain.ts'
import { addDomain } from '../../core/domains/add-domain.ts'
import type { CustomDomain } from '../../core/domains/custom-domain.ts'
import { admitLook, releaseOwnDomain, verifyOwnDomain } from '../../core/domains/verify-domain.ts'
import type { Session } from '../../core/signup/signup.ts'
import type { OwnerAct } from '../../core/site/change-site.ts'
import { findOwnSite } from '../../core/site/change-site.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { AuthenticationPorts } from '../_runtime/authenticate.ts'
import type { HttpRoute } from '../_runtime/endpoint.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import { domainOperations as operations } from './domain-operations.ts'
import { domainView } from './domain-view.ts'

export type DomainRoutePorts = AddDomainPorts & AdmitPorts & AuthenticationPorts

const actOf = (siteId: string, { session, requestId }: { session: Session; requestId: string }): OwnerAct => ({
  siteId,
  accountId: session.accountId,
  actor: { kind: 'owner', personId: session.personId },
  causationId: requestId,
})

/** What an owner does with hostnames of their own. */
export const domainRoutes = (ports: DomainRoutePorts): readonly HttpRoute[] => {
  const view = async (act: OwnerAct, domains: readonly CustomDomain[]) => {
    const site = await findOwnSite(ports, act)
    return Promise.all(domains.map((domain) => domainView(ports, domain, ownershipOf(site)?.hostname ?? '')))
  }

  return [
    ownerEndpoint(operations.addDomain, ports, async ({ params, body }, context) => {
      const act = actOf(params.id, context)
      await findOwnSite(ports, act)
      await admitLook(ports, act.accountId)
      const { domain, isNew } = await addDomain(ports, act, body.hostname)
      const [shown] = await view(act, [domain])
      const location = `/v1/sites/${domain.siteId}/domains/${domain.hostname}`
      return isNew ? { status: 201, headers: { location }, body: shown } : { status: 200, body: shown }
    }),
    ownerEndpoint(operations.listDomains, ports, async ({ params }, context) => {
      const act = actOf(params.id, context)
      const site = await findOwnSite(ports, act)
      return { status: 200, body: { domains: await view(act, await ports.domains.listBySite(site.id)) } }
    }),
    ownerEndpoint(operations.verifyDomain, ports, async ({ params }, context) => {
      const act = { ...actOf(params.id, context), hostname: params.hostname }
      await findOwnSite(ports, act)
      await admitLook(ports, act.accountId)
      const [shown] = await view(act, [await verifyOwnDomain(ports, act)])
      return { status: 200, body: shown }
    }),
    ownerEndpoint(operations.releaseDomain, ports, async ({ params }, context) => {
      await releaseOwnDomain(ports, { ...actOf(params.id, context), hostname: params.hostname })
      return { status: 204 }
    }),
  ]
}
