import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { ActiveSite, Site } from '../../core/site/site.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { convergeSite } from '../../lambdas/billing/converge-site.ts'
import config from '../../sitewright.config.ts'
import { unlimited } from '../support/signing-up.ts'
import { type ApiStage, openApiStage } from './api-stage.ts'
import { givenSites } from './given-site.ts'
import { type SignedIn, signIn } from './sign-in.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Owners who buy, with a model of Stripe. Each is somebody new, and has one site. */
export const openBillingScene = async (replace: Parameters<typeof openApiStage>[0] = () => ({})) => {
  const stage: ApiStage = await openApiStage((ports) => ({ abuse: unlimited, ...replace(ports) }))
  const given = givenSites(stage)
  let people = 0

  const newOwner = async (): Promise<{ owner: SignedIn; email: string; site: ActiveSite }> => {
    people += 1
    const email = `buyer-${people}@example.com`
    const owner = await signIn(stage, email)
    return { owner, email, site: await given.active(owner.accountId, `bought-${people}`) }
  }
  const ask = ({ headers }: SignedIn, { id }: Pick<Site, 'id'>, what: string, body?: object, requestId?: string) =>
    stage.send({
      method: body === undefined && what === 'billing' ? 'GET' : 'POST',
      path: `/v1/sites/${id}/${what}`,
      headers,
      ...(body && { body }),
      ...(requestId && { requestId }),
    })
  /** The calls of the stream's subscriber after a payment. */
  const converge = ({ id }: Pick<Site, 'id'>) =>
    convergeSite(
      {
        ...stage.store,
        ...given.context,
        payments: stage.stripe.payments,
        plans: planCatalogue(config.plans),
        policies: trialPolicies(config.trialPolicies),
        workflows: { start: async () => undefined, status: async () => 'unknown' },
        log: silent,
      },
      id,
      { causationId: 'test' },
    )
  /** Begins a checkout, pays, and delivers the events to the site. */
  const buy = async (
    owner: SignedIn,
    site: Pick<Site, 'id'>,
    choice: object = { plan: 'starter', interval: 'month' },
  ) => {
    const { json } = await ask(owner, site, 'checkout', choice)
    const subscription = stage.stripe.seen(stage.stripe.pay(String(json['id'])) ?? '')
    await converge(site)
    return subscription
  }
  const stored = async ({ id }: Pick<Site, 'id'>) => (await stage.store.sites.get(id))!

  return { stage, given, newOwner, ask, converge, buy, stored }
}

export type BillingScene = Awaited<ReturnType<typeof openBillingScene>>
