import { defined } from '../../core/defined.ts'
import type { Context } from '../../core/ports/context.ts'
import { type Act, type ActPorts, actOf } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { changePlanAsOperator, endHoldAsOperator, holdAsOperator, suspendAsOperator } from '../endings/act-on-site.ts'
import { purgeAsOperator } from '../endings/purge-site.ts'
import { resumeAsOperator } from '../endings/resume-site.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { retryHandOverAsOperator } from '../sites/hand-over/hand-over-site.ts'
import type { SiteViewPorts } from '../sites/views.ts'
import { extendAsOperator } from '../trials/extend-trial.ts'
import { type FindSitesPorts, findSites } from './find-sites.ts'
import { accountOf, concernsOf, siteOf } from './named-site.ts'
import { operatorSiteOperations as operations } from './site-operations.ts'
import { failureView, operatorSiteDetail, operatorSiteView, siteEventView } from './views.ts'

export interface OperatorSitePorts extends ActPorts, FindSitesPorts, SiteViewPorts, OperatorPorts {
  readonly evidence: Pick<EvidenceStore, 'list'>
}

const readingRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorListSites, ports, async ({ query }) => {
    const { items, cursor } = await findSites(ports, query)
    const sites = items.map((site) => operatorSiteView(site, ports))
    return { body: { sites, ...defined({ cursor }) }, concerns: sites.map(({ id }) => id) }
  }),
  operatorEndpoint(operations.operatorGetSite, ports, async ({ params }) => {
    const site = await siteOf(ports, params.id)
    const account = await accountOf(ports, site)
    const owner = account === undefined ? undefined : await ports.accounts.getPerson(account.ownerId)
    return { body: operatorSiteDetail(site, { account, owner }, ports), concerns: concernsOf(site, account) }
  }),
  operatorEndpoint(operations.operatorListEvents, ports, async ({ params, query: { limit, cursor } }) => {
    const { id } = await siteOf(ports, params.id)
    const page = await ports.siteLists.pageOfEvents(id, { limit, ...defined({ cursor }) })
    return { body: { events: page.items.map(siteEventView), ...defined({ cursor: page.cursor }) } }
  }),
  operatorEndpoint(operations.operatorListFailures, ports, async ({ params }) => {
    const { id } = await siteOf(ports, params.id)
    return { body: { failures: (await ports.evidence.list(id)).map(failureView) } }
  }),
]

/** What an operator asks for; the reason is for the history. */
export interface ActRequest {
  readonly reason: string
  /** In milliseconds. */
  readonly by?: number | undefined
  readonly plan?: string | undefined
  readonly operatorId: string
}

type SiteAct = (ports: ActPorts & Pick<Context, 'plans'>, on: Act, request: ActRequest) => Promise<Site>

const week = 7 * 86_400_000

export const siteActs = {
  extend: (ports, on, { by = week, reason }) => extendAsOperator(ports, on, { milliseconds: by, reason }),
  suspend: (ports, on, { reason }) => suspendAsOperator(ports, on, reason),
  resume: (ports, on, { reason }) => resumeAsOperator(ports, on, { reason }),
  restore: (ports, on, { reason }) => resumeAsOperator(ports, on, { reason, onlyArchived: true }),
  handOver: (ports, on, { reason }) => retryHandOverAsOperator(ports, on, reason),
  hold: (ports, on, { reason }) => holdAsOperator(ports, on, reason),
  unhold: (ports, on, { reason }) => endHoldAsOperator(ports, on, reason),
  purge: (ports, on, { operatorId, reason }) => purgeAsOperator(ports, on, { operatorId, reason }),
  plan: (ports, on, { plan = '', reason }) => changePlanAsOperator(ports, on, { plan, reason }),
} satisfies Readonly<Record<string, SiteAct>>

type ActOperation =
  (typeof operations)[`operator${'Extend' | 'Suspend' | 'Resume' | 'Restore' | 'HandOver' | 'Hold' | 'Unhold' | 'Purge' | 'ChangePlan'}`]

export const siteRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => {
  const route = (
    operation: ActOperation,
    act: keyof typeof siteActs,
    statusOf: (site: Site) => 200 | 202 = () => 200,
  ): HttpRoute =>
    operatorEndpoint(operation, ports, async ({ params, body }, context) => {
      const request = { ...body, operatorId: context.operator.operatorId }
      const site = await siteActs[act](ports, actOf(params.id, context), request)
      return { status: statusOf(site), body: operatorSiteView(site, ports) }
    })
  const begun = () => 202 as const
  const ifResumed = ({ status }: Site) => (status === 'archived' ? 202 : 200)
  return [
    ...readingRoutes(ports),
    route(operations.operatorExtend, 'extend'),
    route(operations.operatorSuspend, 'suspend'),
    route(operations.operatorResume, 'resume', ifResumed),
    route(operations.operatorRestore, 'restore', ifResumed),
    route(operations.operatorHandOver, 'handOver', begun),
    route(operations.operatorHold, 'hold'),
    route(operations.operatorUnhold, 'unhold'),
    route(operations.operatorPurge, 'purge', begun),
    route(operations.operatorChangePlan, 'plan'),
  ]
}
