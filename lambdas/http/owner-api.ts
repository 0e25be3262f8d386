import type { SessionStore } from '../../core/ports/stores.ts'
import type { CreateSitePorts } from '../../core/site/claim/create-site.ts'
import { createSite } from '../../core/site/claim/create-site.ts'
import type { Site } from '../../core/site/site.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import type { HttpPorts } from '../_runtime/http-handler.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { endedSessionCookie } from '../_runtime/session-cookie.ts'
import type { BillingRoutePorts } from './billing-routes.ts'
import { billingRoutes } from './billing-routes.ts'
import type { DomainRoutePorts } from './domain-routes.ts'
import { domainRoutes } from './domain-routes.ts'
import { ownerOperations as operations } from './owner-operations.ts'
import type { OwnerSitePorts } from './owner-site-routes.ts'
import { ownerActor, ownerSiteRoutes } from './owner-site-routes.ts'
import { siteView } from './site-view.ts'

export interface OwnerApiPorts
  extends CreateSitePorts,
    OwnerSitePorts,
    BillingRoutePorts,
    Omit<DomainRoutePorts, 'sites'>,
    HttpPorts {
  readonly sessions: SessionStore
  /** Where owners write to. */
  readonly contact: string
}

/** 201 promises a site that answers. What an earlier request with the same key created may have gone on from there. */
const creationStatus = ({ status }: Site): number => {
  if (status === 'active') return 201
  return status === 'building' ? 202 : 200
}

/** What an owner may ask. */
export const create = (ports: OwnerApiPorts) =>
  httpHandler(
    [
      ownerEndpoint(operations.getSession, ports, async (_input, { session }) => ({
        status: 200,
        body: {
          account: { id: session.accountId, email: session.email },
          session: { expiresAt: session.expiresAt },
          now: ports.clocks.domain(),
          contact: ports.contact,
        },
      })),
      ownerEndpoint(operations.endSession, ports, async (_input, { session }) => {
        await ports.sessions.end(session.tokenHash)
        return { status: 204, cookies: [endedSessionCookie(ports.consoleUrl)] }
      }),
      ownerEndpoint(operations.createSite, ports, async ({ body, headers }, { requestId, session }) => {
        const site = await createSite(ports, {
          ...body,
          accountId: session.accountId,
          actor: ownerActor(session),
          causationId: requestId,
          idempotencyKey: headers['idempotency-key'],
        })
        return {
          status: creationStatus(site),
          headers: { location: `/v1/sites/${site.id}` },
          body: siteView(site, ports),
        }
      }),
      ownerEndpoint(operations.listSites, ports, async ({ query: { limit, cursor } }, { session }) => {
        const page = await ports.sites.listByAccount(session.accountId, {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        })
        const sites = page.items.flatMap((site) => siteView(site, ports) ?? [])
        return { status: 200, body: { sites, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) } }
      }),
      ...ownerSiteRoutes(ports),
      ...billingRoutes(ports),
      ...domainRoutes(ports),
    ],
    ports,
  )
