import type { IncomingMessage, ServerResponse } from 'node:http'
import { onAccent, usualAccent } from '../../core/accent.ts'
import type { Plan, PlanCatalogue } from '../../core/plan/plan.ts'
import { billingFacts } from '../../core/site/next-step.ts'
import type { ActiveSite, LiveSite } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { Offers } from '../../lambdas/offers/offers.ts'
import type { AcceptedRequest } from '../accept-request.ts'
import { isOfOwnPage } from '../request-headers.ts'
import { barScript } from './bar-script.ts'

/** What the bar is made of. */
export interface BarTerms {
  /** The installation's name, for offers without one. */
  readonly brand?: string | undefined
  readonly consoleUrl: string
  readonly offers: Pick<Offers, 'find'>
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly siteUrl: (hostname: string) => string
  /** Whether the blueprint allows it. Never rejects. */
  readonly hasOwnerBar: (blueprint: ActiveSite['blueprint']) => Promise<boolean>
}

const barPath = /^\/_sitewright\/bar\.js(\?|$)/

export const isOwnerBar = ({ method, path }: AcceptedRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && barPath.test(path)

/** The next end of the site, and why it ends. */
const endOf = (site: LiveSite, plan: Plan, policies: TrialPolicies) => {
  if (plan.kind === 'trial') return { because: 'trial', at: site.trialEndsAt }
  const { paymentDueBy, endsAt } = billingFacts(site, policies)
  if (paymentDueBy !== null) return { because: 'payment', at: paymentDueBy }
  if (endsAt === null) return null
  return { because: site.billing?.state === 'paused' ? 'pause' : 'subscription', at: endsAt }
}

/** What the owner's browser shows. Apart from names and colours, it holds only what the site knows from its entitlement. */
const factsOf = (terms: BarTerms, site: LiveSite) => {
  const { id, ownership, urlHostname } = site
  const { brand: own } = terms.offers.find(ownership.offer)
  const { colours: accent = usualAccent, consoleUrl = terms.consoleUrl } = own
  const plan = terms.plans.find(site.plan)
  return {
    brand: own.brand ?? terms.brand ?? '',
    accent,
    onAccent,
    /** The clock of a browser may be wrong. */
    now: new Date().toISOString(),
    console: `${consoleUrl}/sites/#/sites/${id}`,
    address: terms.siteUrl(urlHostname ?? ownership.hostname),
    plan: plan.name,
    isTrial: plan.kind === 'trial',
    end: endOf(site, plan, terms.policies),
    hasDomain: urlHostname !== undefined,
    allowsDomain: plan.features.includes('customDomain'),
  }
}

/**
 * Answers with the script of the bar for the owner of a site, on a page of the site itself. It is empty for everybody else and where
 * the blueprint refuses it, so that a page of another site learns nothing by including it.
 */
export const sendOwnerBar = async (
  terms: BarTerms,
  visit: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly isOwner: boolean },
  site: LiveSite,
): Promise<void> => {
  const { request, response, isOwner } = visit
  const isShown = isOwner && isOfOwnPage(request, request.headers.referer) && (await terms.hasOwnerBar(site.blueprint))
  const script = isShown ? `((facts)=>{${barScript}})(${JSON.stringify(factsOf(terms, site))})` : ''
  response
    .writeHead(200, {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Content-Length': Buffer.byteLength(script),
      'Cache-Control': 'no-store',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    .end(script)
}
