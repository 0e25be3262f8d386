import { type ErrorKind, SitewrightError } from '../../core/errors.ts'
import { hostnameOf, slugProblem, slugProblemText } from '../../core/hostname/slug.ts'
import { plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { type Answer, entityTag, hasTag } from '../_runtime/answer.ts'
import { publicEndpoint, rawEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { parseInput } from '../_runtime/parse-input.ts'
import { problemForms } from '../_runtime/problem.ts'
import { readText } from '../_runtime/read-text.ts'
import { hostCookie } from '../_runtime/session-cookie.ts'
import { reopenByLink } from '../accounts/close-account.ts'
import { cookieSeconds, ownerSessionLife } from '../accounts/session/session-life.ts'
import { type Offers, requireOffer, requireOffered } from '../offers/offers.ts'
import { admitByNetwork } from '../rate-limits/admit-in-window.ts'
import { type CountVisitPorts, countVisit } from '../reports/count-visit.ts'
import type { CellCapacity } from '../sites/cells/place-sites.ts'
import { countReadySites } from '../sites/pool/fill-pool.ts'
import type { PoolPolicy } from '../sites/pool/pool.ts'
import { publicSummaryRoutes, type SummaryPorts } from '../sites/summary/api.ts'
import { linkOf } from './attribution.ts'
import { publicOperations as operations } from './operations.ts'
import { type StartSignupPorts, startSignup } from './start-signup.ts'
import { type VerifySignupPorts, verifySignup } from './verify-signup.ts'

/** The page that a browser without JavaScript gets after the form. With JavaScript, it asks for the code. */
const mailedPage = '/mailed/'

const answerName = 'answer.'

const fieldsOf = (bytes: Uint8Array): Record<string, unknown> => {
  const form = new URLSearchParams(readText(bytes))
  const marketingConsent = form.get('marketingConsent')
  const answers = [...form].filter(([name, text]) => name.startsWith(answerName) && text !== '')
  return {
    email: form.get('email')?.trim(),
    ...(form.get('acceptedTerms') ? { acceptedTerms: true } : {}),
    ...(marketingConsent ? { marketingConsent } : {}),
    answers: Object.fromEntries(answers.map(([name, text]) => [name.slice(answerName.length), text])),
  }
}

/** Any page can send a form, so the visitor's address would mail codes for it. A form of our page has our origin. */
const requireOwnPage = (origin: string | undefined, { origins }: Offers): void => {
  if (origin !== undefined && origins.has(origin)) return
  throw new SitewrightError('Forbidden', 'This form was sent from a page of another site and was refused.')
}

const germanAdvice: Partial<Record<ErrorKind, string>> = {
  InvalidRequest: 'Geben Sie eine gültige E-Mail-Adresse ein, zum Beispiel ada@example.com.',
  MailDomainRefused: 'Wegwerfadressen werden nicht angenommen. Verwenden Sie eine dauerhafte Adresse.',
  RateLimited: 'Das war zu oft. Versuchen Sie es später erneut.',
  Forbidden: 'Dieses Formular wurde von der Seite einer anderen Website gesendet und abgelehnt.',
}

const adviceIn = {
  en: ({ kind, message, fields }: SitewrightError): string =>
    kind === 'ProofOfWorkRequired'
      ? 'Many people are signing up, so we check that you are not a bot. The check needs JavaScript: turn it on and try again.'
      : `${[message, ...fields.map((field) => `${field.path}: ${field.message}`)].join('\n')}\n\nGo back to correct it.`,
  de: ({ kind }: SitewrightError): string =>
    kind === 'ProofOfWorkRequired'
      ? 'Viele Menschen melden sich gerade an. Daher prüfen wir, dass Sie kein Bot sind. Die Prüfung braucht JavaScript: Schalten Sie es ein und versuchen Sie es erneut.'
      : `${germanAdvice[kind] ?? 'Das ist zurzeit nicht möglich. Versuchen Sie es gleich noch einmal.'}\n\nGehen Sie zurück, um es zu berichtigen.`,
} as const

type FormPorts = StartSignupPorts & Pick<Context, 'offeredBlueprints'>

/** The path below which the pages of an offer are. */
const pathOf = ({ offers, consoleUrl }: StartSignupPorts, offer: string | undefined): string =>
  new URL(offers.find(offer).brand.consoleUrl ?? consoleUrl).pathname.replace(/\/$/, '')

const offeredBy = ({ offers, offeredBlueprints }: FormPorts, offer: string | undefined): readonly string[] => {
  const { blueprint } = requireOffer(offers, offer)
  return blueprint === undefined ? offeredBlueprints : [blueprint]
}

/** Signs up by a form of plain HTML, whose page is the referrer. The answer is for a person: a redirect, or what was wrong as text. */
const submitSignupForm = async (
  ports: FormPorts,
  bytes: Uint8Array,
  said: {
    readonly sourceIp: string
    readonly origin: string | undefined
    readonly language: keyof typeof adviceIn
    readonly offer?: string | undefined
    readonly referer: string | undefined
    readonly refusesAttribution: boolean
  },
): Promise<Answer> => {
  const { sourceIp, origin, language, offer, referer, refusesAttribution } = said
  try {
    requireOwnPage(origin, ports.offers)
    const body = parseInput(operations.startSignup.body, fieldsOf(bytes), 'body')
    const { blueprint: asked, attribution } = linkOf(referer)
    const blueprint = offeredBy(ports, offer).find((name) => name === asked)
    const { id } = await startSignup(ports, {
      ...{ ...body, language, sourceIp, offer, attribution, refusesAttribution },
      ...(blueprint && { blueprint }),
    })
    return { status: 303, headers: { location: `${pathOf(ports, offer)}${mailedPage}#/signups/${id}` } }
  } catch (error) {
    if (!(error instanceof SitewrightError)) throw error
    return { status: problemForms[error.kind].status, text: adviceIn[language](error) }
  }
}

export interface PublicApiPorts
  extends StartSignupPorts,
    VerifySignupPorts,
    Omit<CountVisitPorts, 'abuse'>,
    HttpPorts,
    Omit<SummaryPorts, 'accounts' | 'clocks' | 'rateWindows' | 'sites'>,
    Pick<Context, 'plans' | 'offeredBlueprints' | 'sitesDomain' | 'reservedSlugs' | 'contact' | 'log'> {
  readonly describeApi: () => Promise<object>
  readonly sites: Omit<SiteStore, 'commit'>
  readonly pool: PoolPolicy
  readonly capacities: readonly CellCapacity[]
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

/** Takes long: a process makes the description once. */
const describeApi = async (ports: PublicApiPorts) => {
  const text = JSON.stringify(await ports.describeApi())
  return { text, etag: entityTag(text) }
}

export const create = (ports: PublicApiPorts) => {
  let described: ReturnType<typeof describeApi> | undefined
  return httpHandler(
    [
      publicEndpoint(operations.startSignup, async ({ body, headers }, { sourceIp }) => {
        const offered = offeredBy(ports, body.offer)
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
        submitSignupForm(ports, bytes, {
          ...{ ...context, ...query, referer: headers.referer, refusesAttribution: headers['sec-gpc'] === '1' },
        }),
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
      ...publicSummaryRoutes(ports),
      publicEndpoint(operations.listPlans, async () => ({ status: 200, body: { plans: ports.plans.plans } })),
      publicEndpoint(operations.checkHealth, async () => {
        const counts = await Promise.all(
          ports.offeredBlueprints.map((name) => countReadySites(ports, { blueprint: name })),
        )
        const ready = counts.reduce((sum, count) => sum + count, 0)
        return { status: 200, body: { status: 'ok', pool: { ready, target: ports.pool.target } } }
      }),
      publicEndpoint(operations.findSecurityContact, async () => ({ status: 200, text: securityText(ports) })),
      publicEndpoint(operations.describeApi, async ({ headers }) => {
        described ??= describeApi(ports)
        const { text, etag } = await described
        const kept = { 'cache-control': 'no-cache', etag }
        return hasTag(headers['if-none-match'], etag)
          ? { status: 304, headers: kept }
          : { status: 200, text, headers: { ...kept, 'content-type': 'application/json' } }
      }),
      publicEndpoint(operations.describeSiteFile, async () => {
        // Large, and few ask for it.
        const { siteFileJsonSchema } = await import('../../core/blueprint/site-file.ts')
        return { status: 200, body: siteFileJsonSchema() }
      }),
    ],
    ports,
  )
}
