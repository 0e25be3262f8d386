import { SitewrightError } from '../../core/errors.ts'
import type { Actor } from '../../core/events/event.ts'
import { isId } from '../../core/ids.ts'
import type { SessionStore } from '../../core/ports/stores.ts'
import type { Session } from '../../core/signup/signup.ts'
import type { CreateSitePorts } from '../../core/site/create-site.ts'
import { createSite } from '../../core/site/create-site.ts'
import type { Site } from '../../core/site/site.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { AuthenticationPorts } from '../_runtime/authenticate.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import type { HttpPorts } from '../_runtime/http-handler.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { endedSessionCookie } from '../_runtime/session-cookie.ts'
import { api } from './api.ts'
import type { SiteViewPorts } from './site-view.ts'
import { siteView } from './site-view.ts'

export interface OwnerApiPorts extends CreateSitePorts, AuthenticationPorts, SiteViewPorts, HttpPorts {
  readonly sessions: SessionStore
}

const actorOf = ({ personId }: Session): Actor => ({ kind: 'owner', personId })

/** Somebody else's site is answered as one that does not exist. */
const ownSite = async ({ sites }: OwnerApiPorts, id: string, { accountId }: Session): Promise<Site> => {
  const site = isId('site', id) ? await sites.get(id) : undefined
  if (site !== undefined && ownershipOf(site)?.accountId === accountId) return site
  throw new SitewrightError('NotFound', 'There is no such site.')
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
      ownerEndpoint(api.getSession, ports, async (_input, { session }) => ({
        status: 200,
        body: {
          account: { id: session.accountId, email: session.email },
          session: { expiresAt: session.expiresAt },
        },
      })),
      ownerEndpoint(api.endSession, ports, async (_input, { session }) => {
        await ports.sessions.end(session.tokenHash)
        return { status: 204, cookies: [endedSessionCookie(ports.consoleUrl)] }
      }),
      ownerEndpoint(api.createSite, ports, async ({ body, headers }, { requestId, session }) => {
        const site = await createSite(ports, {
          ...body,
          accountId: session.accountId,
          actor: actorOf(session),
          causationId: requestId,
          idempotencyKey: headers['idempotency-key'],
        })
        return {
          status: creationStatus(site),
          headers: { location: `/v1/sites/${site.id}` },
          body: siteView(site, ports),
        }
      }),
      ownerEndpoint(api.listSites, ports, async ({ query: { limit, cursor } }, { session }) => {
        const page = await ports.sites.listByAccount(session.accountId, {
          limit,
          ...(cursor === undefined ? {} : { cursor }),
        })
        const sites = page.items.flatMap((site) => siteView(site, ports) ?? [])
        return { status: 200, body: { sites, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) } }
      }),
      ownerEndpoint(api.getSite, ports, async ({ params }, { session }) => ({
        status: 200,
        body: siteView(await ownSite(ports, params.id, session), ports),
      })),
    ],
    ports,
  )
