import type * as z from 'zod'
import type { CapacityUse } from '../../core/config/count-cells.ts'
import { defined } from '../../core/defined.ts'
import { mailIdOf } from '../../core/mail/mail-message.ts'
import type { SentMails } from '../../core/ports/delivery.ts'
import type { CellCount, SiteLists } from '../../core/ports/site-lists.ts'
import { actOf } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type UsageViewPorts, usageView } from '../reports/usage/view.ts'
import type { AbusePolicy } from '../signup/abuse/abuse-policy.ts'
import { readCells } from '../sites/cells/place-sites.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import type { SleepPolicy } from '../sleep/sleep-policy.ts'
import { type ConsequencesPorts, consequences } from './consequence-views.ts'
import { type EnterAsSupportPorts, enterAsSupport } from './entrance/open-entrance.ts'
import type { settingsViewSchema, timelineSchema } from './insight-answers.ts'
import { insightOperations as operations } from './insight-operations.ts'
import { accountOf, concernsOf, siteOf } from './named-site.ts'
import { type OverviewPorts, overview } from './overview-view.ts'
import { type RetryPorts, retryAsOperator } from './retry-failed.ts'
import { timelineOf } from './timeline.ts'
import { operatorSiteView } from './views.ts'

export type InsightPorts = Omit<OverviewPorts, 'sites'> &
  ConsequencesPorts &
  RetryPorts &
  EnterAsSupportPorts &
  OperatorPorts &
  UsageViewPorts & {
    readonly siteLists: Pick<SiteLists, 'pageOfEvents'>
    readonly evidence: Pick<EvidenceStore, 'list'>
    readonly sentMails: SentMails
    /** Those of which the host has the disk now. */
    readonly cells: readonly string[]
    readonly capacityUse: (counts: readonly CellCount[]) => readonly CapacityUse[]
    readonly paymentsAreLive: boolean
    readonly sleep: SleepPolicy
    readonly abuse: AbusePolicy
  }

const timelinePage = async (
  ports: InsightPorts,
  site: Site,
  { showsFailures, ...query }: { readonly showsFailures: boolean; readonly limit: number; readonly cursor?: string },
): Promise<z.input<typeof timelineSchema>> => {
  const [{ items, cursor }, failures] = await Promise.all([
    ports.siteLists.pageOfEvents(site.id, query),
    showsFailures ? ports.evidence.list(site.id) : [],
  ])
  const mails = await Promise.all(
    items.map(async (event) => [mailIdOf(event), await ports.sentMails.find(mailIdOf(event))] as const),
  )
  const known = new Map(mails.flatMap(([id, status]) => (status === undefined ? [] : [[id, status] as const])))
  const entries = timelineOf(items, known, failures).map((entry) => ({ ...entry, details: { ...entry.details } }))
  return { entries, ...defined({ cursor }) }
}

const settingsView = (ports: InsightPorts): z.input<typeof settingsViewSchema> => {
  const { policies, plans, pool, ceilings, offeredBlueprints, reservedSlugs, auditPolicy, ...rest } = ports
  const { brand, contact, consoleUrl, sitesDomain, paymentsAreLive, sleep, abuse } = rest
  return {
    brand,
    contact,
    consoleUrl,
    sitesDomain,
    paymentsAreLive,
    offeredBlueprints: [...offeredBlueprints],
    reservedSlugs: [...reservedSlugs],
    pool,
    trials: ceilings,
    plans: [...plans.plans],
    trialPolicies: policies.versions.map(policies.find),
    sleep,
    abuse,
    audit: { retentionDays: auditPolicy.retentionDays },
  }
}

const cellsView = async (ports: InsightPorts) => {
  const counts = await ports.cellCounts.read()
  const open = await readCells({ capacities: ports.capacities, cellCounts: { read: async () => counts } })
  const closed = counts
    .filter(({ cell }) => open.every(({ name }) => name !== cell))
    .map(({ cell: name, closed }) => ({ name, sites: 0, room: 0, ready: {}, isNamed: false, closed }))
  return {
    cells: [...open, ...closed].map(({ name, sites: capacity, room, ready, isNamed, closed }) => ({
      name,
      sites: counts.find(({ cell }) => cell === name)?.sites ?? 0,
      capacity,
      room,
      ready: Object.values<number>(ready).reduce((sum, count) => sum + count, 0),
      placement: isNamed ? ('named' as const) : ('any' as const),
      state: closed ?? ('open' as const),
      isMounted: ports.cells.includes(name),
    })),
    quotas: ports.capacityUse(counts).map(({ cell = null, ...use }) => ({ ...use, cell })),
  }
}

export const insightRoutes = (ports: InsightPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetOverview, ports, async (_input, { operator }) => {
    const body = await overview(ports, operator.role)
    return { body, concerns: [...new Set(body.failures.map(({ siteId }) => siteId))] }
  }),
  operatorEndpoint(
    operations.operatorGetTimeline,
    ports,
    async ({ params, query: { limit, cursor } }, { operator }) => {
      const page = { limit, ...defined({ cursor }), showsFailures: operator.role !== 'sales' }
      return { body: await timelinePage(ports, await siteOf(ports, params.id), page) }
    },
  ),
  operatorEndpoint(operations.operatorGetUsage, ports, async ({ params }) => {
    const site = await siteOf(ports, params.id)
    return { body: await usageView(ports, site, { by: 'day' }), concerns: [site.id] }
  }),
  operatorEndpoint(operations.operatorGetConsequences, ports, async ({ params, query }, context) => {
    const site = await siteOf(ports, params.id)
    const request = { ...query, operatorId: context.operator.operatorId }
    const body = await consequences(ports, site, request, actOf(site.id, context))
    return { body, concerns: concernsOf(site, await accountOf(ports, site)) }
  }),
  operatorEndpoint(operations.operatorRetry, ports, async ({ params, body: { reason } }, context) => {
    const site = await retryAsOperator(ports, actOf(params.id, context), reason)
    return { status: 202, body: operatorSiteView(site, ports) }
  }),
  operatorEndpoint(operations.operatorEnterSite, ports, async ({ params, body }, context) => {
    const { operatorId } = context.operator
    return { status: 201, body: await enterAsSupport(ports, { ...actOf(params.id, context), operatorId }, body) }
  }),
  operatorEndpoint(operations.operatorListPlans, ports, async () => ({
    body: { plans: ports.plans.plans.map(({ id, name, kind, prices }) => ({ id, name, kind, prices: [...prices] })) },
  })),
  operatorEndpoint(operations.operatorListCells, ports, async () => ({ body: await cellsView(ports) })),
  operatorEndpoint(operations.operatorGetSettings, ports, async () => ({ body: settingsView(ports) })),
]
