import { hostnameOf, slugProblem, slugProblemText } from '../../core/hostname/slug.ts'
import { plusDays } from '../../core/instant.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { entityTag, hasTag, publicEndpoint, rawEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { hostCookie } from '../_runtime/session-cookie.ts'
import type { ChangeAccountPorts } from '../accounts/change-account.ts'
import { reopenByLink } from '../accounts/close-account.ts'
import { cookieSeconds, ownerSessionLife } from '../accounts/session/session-life.ts'
import { requireOffered } from '../blueprints/offered.ts'
import { requireOffer } from '../offers/offers.ts'
import { type CountVisitPorts, countVisit } from '../reports/count-visit.ts'
import type { CellCapacity } from '../sites/cells/place-sites.ts'
import { countReadySites } from '../sites/pool/fill-pool.ts'
import type { PoolPolicy } from '../sites/pool/pool.ts'
import { openSummaryRoute, type SummaryPorts } from '../sites/summary/api.ts'
import { admitByNetwork } from './abuse/admit-by-network.ts'
import { submitSignupForm } from './form.ts'
import { publicOperations as operations } from './operations.ts'
import { type StartSignupPorts, startSignup } from './start-signup.ts'
import { type VerifySignupPorts, verifySignup } from './verify-signup.ts'

export interface PublicApiPorts
  extends StartSignupPorts,
    VerifySignupPorts,
    Omit<CountVisitPorts, 'abuse'>,
    HttpPorts,
    Omit<SummaryPorts, 'clocks' | 'sites'> {
  readonly sites: Omit<SiteStore, 'commit'>
  readonly accountChanges: ChangeAccountPorts['accountChanges']
  readonly plans: PlanCatalogue
  readonly pool: PoolPolicy
  readonly capacities: readonly CellCapacity[]
  readonly offeredBlueprints: readonly [string, ...string[]]
  readonly sitesDomain: string
  readonly reservedSlugs: readonly string[]
  /** The address for reports of vulnerabilities. */
  readonly contact: string
  readonly log: Log
}

const checkHostname = async ({ sites, sitesDomain, reservedSlugs }: PublicApiPorts, slug: string) => {
  const hostname = hostnameOf(slug, sitesDomain)
  const problem = slugProblem(slug, reservedSlugs) ?? ((await sites.isHostnameHeld(hostname)) ? 'taken' : undefined)
  return problem === undefined
    ? { slug, hostname, available: true }
    : { slug, hostname, available: false, problem, reason: slugProblemText[problem] }
}

/** A file that is about to expire tells its reader to look for a newer one (RFC 9116, 2.5.5), so each is made when asked for. */
const securityText = ({ contact, consoleUrl, clocks }: PublicApiPorts): string =>
  [
    `Contact: mailto:${contact}`,
    `Expires: ${plusDays(clocks.wall(), 30)}`,
    `Canonical: ${new URL(operations.findSecurityContact.path, consoleUrl).href}`,
    '',
  ].join('\n')

/** Only one operation needs the generator, which is large and takes long: a process makes the description once. */
const describeApi = async (consoleUrl: string) => {
  const { openApiDocument } = await import('../http/openapi.ts')
  const text = JSON.stringify(openApiDocument(consoleUrl))
  return { text, etag: entityTag(text) }
}

/** The public API. */
export const create = (ports: PublicApiPorts) => {
  let described: ReturnType<typeof describeApi> | undefined
  return httpHandler(
    [
      publicEndpoint(operations.startSignup, async ({ body, headers }, { sourceIp }) => {
        const { blueprint } = requireOffer(ports.offers, body.offer)
        const offered = blueprint === undefined ? ports.offeredBlueprints : [blueprint]
        if (body.blueprint !== undefined) requireOffered(body.blueprint, offered)
        const { id, email, expiresAt } = await startSignup(ports, {
          ...body,
          refusesAttribution: headers['sec-gpc'] === '1',
          sourceIp,
          idempotencyKey: headers['idempotency-key'],
        })
        return { status: 201, body: { id, email, expiresAt } }
      }),
      rawEndpoint(operations.submitSignupForm, ({ bytes, query, headers }, context) =>
        submitSignupForm(ports, bytes, { ...context, ...query, refusesAttribution: headers['sec-gpc'] === '1' }),
      ),
      publicEndpoint(operations.verifySignup, async ({ params, body }, { sourceIp, userAgent }) => {
        const { session, token } = await verifySignup(ports, { ...params, ...body, sourceIp, userAgent })
        return {
          status: 200,
          body: {
            account: { id: session.accountId, email: session.email },
            session: { token, expiresAt: session.expiresAt },
          },
          cookies: [
            hostCookie(ports.consoleUrl, 'owner', { value: token, maxAgeSeconds: cookieSeconds(ownerSessionLife) }),
          ],
        }
      }),
      publicEndpoint(operations.reopenByLink, async ({ params, body }, { requestId }) => {
        await reopenByLink(ports, { id: params.id, code: body.code, causationId: requestId })
        return { status: 204 }
      }),
      publicEndpoint(operations.checkHostname, async ({ params }, { sourceIp }) => {
        // So that nobody lists all sites by guessing.
        await admitByNetwork(ports, sourceIp, { of: 'name checks of network', requests: 'checks' })
        return { status: 200, body: await checkHostname(ports, params.slug) }
      }),
      publicEndpoint(operations.countVisit, async ({ body, headers }, { sourceIp }) => {
        await countVisit(ports, body, { sourceIp, refusesAttribution: headers['sec-gpc'] === '1' })
        return { status: 204 }
      }),
      openSummaryRoute(ports),
      publicEndpoint(operations.listPlans, async () => ({
        status: 200,
        body: { plans: ports.plans.plans },
      })),
      publicEndpoint(operations.checkHealth, async () => {
        const counts = await Promise.all(
          ports.offeredBlueprints.map((name) => countReadySites(ports, { blueprint: name })),
        )
        const ready = counts.reduce((sum, count) => sum + count, 0)
        return { status: 200, body: { status: 'ok', pool: { ready, target: ports.pool.target } } }
      }),
      publicEndpoint(operations.findSecurityContact, async () => ({ status: 200, text: securityText(ports) })),
      publicEndpoint(operations.describeApi, async ({ headers }) => {
        described ??= describeApi(ports.consoleUrl)
        const { text, etag } = await described
        const kept = { 'cache-control': 'no-cache', etag }
        return hasTag(headers['if-none-match'], etag)
          ? { status: 304, headers: kept }
          : { status: 200, text, headers: { ...kept, 'content-type': 'application/json' } }
      }),
    ],
    ports,
  )
}
