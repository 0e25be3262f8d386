import type * as z from 'zod'
import { plusDays } from '../../../core/instant.ts'
import { plansOnOffer } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import { isLive, type KeptSite } from '../../../core/site/site.ts'
import { type HttpRoute, type OwnerPorts, ownerEndpoint, publicEndpoint } from '../../_runtime/endpoint.ts'
import { priceOf as subscriptionPriceOf } from '../../billing/revenue.ts'
import { plansFor } from '../../offers/offers.ts'
import type { UsageStore } from '../../reports/usage/ports.ts'
import { type ApproveSummaryPorts, approveSummary } from './approve-summary.ts'
import { ownerSummaryOperations, publicSummaryOperations, type summaryViewSchema } from './operations.ts'
import {
  listSummaryLinks,
  openSummary,
  revokeSummaryLink,
  type ShareSummaryPorts,
  shareSummary,
} from './share-summary.ts'
import type { SummaryLink } from './summary-link.ts'

const shownDays = 30

const linkView = ({ id, createdAt, expiresAt }: SummaryLink) => ({ id, createdAt, expiresAt })

export const summaryRoutes = (ports: ShareSummaryPorts & OwnerPorts): readonly HttpRoute[] => [
  ownerEndpoint(ownerSummaryOperations.shareSummary, ports, async ({ params, body }, { session: { accountId } }) => {
    const { link, url } = await shareSummary(ports, { siteId: params.id, accountId }, body.days)
    return { status: 201, body: { ...linkView(link), url } }
  }),
  ownerEndpoint(ownerSummaryOperations.listSummaryLinks, ports, async ({ params }, { session: { accountId } }) => {
    const links = await listSummaryLinks(ports, { siteId: params.id, accountId })
    return { body: { links: links.map(linkView) } }
  }),
  ownerEndpoint(ownerSummaryOperations.revokeSummaryLink, ports, async ({ params }, { session: { accountId } }) => {
    await revokeSummaryLink(ports, { siteId: params.id, accountId }, params.linkId)
    return { status: 204 }
  }),
]

export interface SummaryPorts
  extends ApproveSummaryPorts,
    Pick<Context, 'plans' | 'siteUrl' | 'dataLocation' | 'contact'> {
  readonly usage: Pick<UsageStore, 'lastUse' | 'list'>
}

const usageOf = async ({ usage, clocks }: SummaryPorts, { id }: KeptSite) => {
  const until = clocks.wall()
  const from = plusDays(until, -shownDays)
  const [lastUsedAt = null, days] = await Promise.all([
    usage.lastUse(id),
    usage.list(id, { period: 'day', from, until }),
  ])
  return {
    from,
    until,
    lastUsedAt,
    requests: days.reduce((sum, day) => sum + day.usage.requests, 0),
    errors: days.reduce((sum, day) => sum + day.usage.serverErrors, 0),
    days: days.map(({ start, usage: { requests }, visitors = null }) => ({ start, requests, visitors })),
  }
}

/** What a site pays; for a trial, the lowest of a month on any plan that its offer sells. */
const priceOf = (ports: SummaryPorts, { plan: id, billing, ...site }: KeptSite) => {
  const known = ports.plans.find(id)
  if (known.kind !== 'trial') {
    const price = billing?.plan === id ? subscriptionPriceOf(billing, ports.plans) : undefined
    return price === undefined ? null : { ...price, plan: known.name }
  }
  const prices = plansOnOffer(plansFor(ports, { ...site, plan: id })).flatMap(({ name, prices: [first] }) =>
    first?.interval === 'month' ? [{ ...first, plan: name }] : [],
  )
  return prices.toSorted((one, other) => one.amount - other.amount)[0] ?? null
}

const summaryView = async (
  ports: SummaryPorts,
  { site, link }: Awaited<ReturnType<typeof openSummary>>,
): Promise<z.input<typeof summaryViewSchema>> => {
  const { name, kind, prices, features } = ports.plans.find(site.plan)
  return {
    name: site.ownership.name,
    url: ports.siteUrl(site.urlHostname ?? site.ownership.hostname),
    status: site.status,
    since: site.ownership.since,
    plan: { name, kind, prices: [...prices], features: [...features] },
    price: priceOf(ports, site),
    trialEndsAt: kind === 'trial' ? site.trialEndsAt : null,
    dataLocation: ports.dataLocation ?? null,
    storage: (isLive(site) ? site.storage : undefined) ?? null,
    lastCopyAt: site.archives[0]?.at ?? null,
    usage: await usageOf(ports, site),
    contact: ports.offers.find(site.ownership.offer).brand.contact ?? ports.contact,
    expiresAt: link.expiresAt,
  }
}

/** Shows the page to everybody who has its token, and lets them approve. */
export const publicSummaryRoutes = (ports: SummaryPorts): readonly HttpRoute[] => [
  publicEndpoint(publicSummaryOperations.openSummary, async ({ body }) => ({
    body: await summaryView(ports, await openSummary(ports, body.token)),
  })),
  publicEndpoint(publicSummaryOperations.approveSummary, async ({ body }) => {
    await approveSummary(ports, body.token)
    return { status: 204 }
  }),
]
