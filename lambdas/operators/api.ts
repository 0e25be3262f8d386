import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { type ActPorts, actOf, actorOf } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { type RequestReconciliationPorts, requestReconciliation } from '../billing/reconciliation/run-reconciliation.ts'
import { reconciliationView } from '../billing/views.ts'
import { blueprintRoutes, type OperatorBlueprintPorts } from '../blueprints/api.ts'
import { type OperatorRehearsalPorts, operatorRehearsalRoutes } from '../rehearsals/api.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { type SiteViewPorts, stepView } from '../sites/views.ts'
import { type MovedSite, type MovePolicyPorts, movePolicy } from '../trials/move-policy.ts'
import { pullBrake, releaseBrake } from '../trials/pull-brake.ts'
import { type Admission, pauseTrials } from '../trials/waiting-list/admit-trials.ts'
import { auditRoutes, type OperatorAuditPorts } from './audit/api.ts'
import { type FindSitesPorts, findSites } from './find-sites.ts'
import { type InsightPorts, insightRoutes } from './insight-api.ts'
import { accountOf, concernsOf, siteOf, withCursor } from './named-site.ts'
import { operatorOperations as operations } from './operations.ts'
import { siteActs } from './site-acts.ts'
import { operatorSiteOperations as siteOperations } from './site-operations.ts'
import {
  brakeView,
  type ControlViewPorts,
  failureView,
  operatorSiteDetail,
  operatorSiteView,
  siteEventView,
  trialsView,
} from './views.ts'

export interface OperatorSitePorts extends ActPorts, FindSitesPorts, SiteViewPorts, OperatorPorts {
  readonly plans: PlanCatalogue
  readonly evidence: Pick<EvidenceStore, 'list'>
}

const readingRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => [
  operatorEndpoint(siteOperations.operatorListSites, ports, async ({ query }) => {
    const { items, cursor } = await findSites(ports, query)
    const sites = items.map((site) => operatorSiteView(site, ports))
    return { status: 200, body: { sites, ...withCursor(cursor) }, concerns: sites.map(({ id }) => id) }
  }),
  operatorEndpoint(siteOperations.operatorGetSite, ports, async ({ params }) => {
    const site = await siteOf(ports, params.id)
    const account = await accountOf(ports, site)
    const owner = account === undefined ? undefined : await ports.accounts.getPerson(account.ownerId)
    return {
      status: 200,
      body: operatorSiteDetail(site, { account, owner }, ports),
      concerns: concernsOf(site, account),
    }
  }),
  operatorEndpoint(siteOperations.operatorListEvents, ports, async ({ params, query: { limit, cursor } }) => {
    const { id } = await siteOf(ports, params.id)
    const page = await ports.siteLists.pageOfEvents(id, { limit, ...withCursor(cursor) })
    return { status: 200, body: { events: page.items.map(siteEventView), ...withCursor(page.cursor) } }
  }),
  operatorEndpoint(siteOperations.operatorListFailures, ports, async ({ params }) => {
    const { id } = await siteOf(ports, params.id)
    return { status: 200, body: { failures: (await ports.evidence.list(id)).map(failureView) } }
  }),
]

type ActOperation =
  (typeof siteOperations)[`operator${'Extend' | 'Suspend' | 'Resume' | 'Restore' | 'HandOver' | 'Hold' | 'Unhold' | 'Purge' | 'ChangePlan'}`]

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
    route(siteOperations.operatorExtend, 'extend'),
    route(siteOperations.operatorSuspend, 'suspend'),
    route(siteOperations.operatorResume, 'resume', ifResumed),
    route(siteOperations.operatorRestore, 'restore', ifResumed),
    route(siteOperations.operatorHandOver, 'handOver', begun),
    route(siteOperations.operatorHold, 'hold'),
    route(siteOperations.operatorUnhold, 'unhold'),
    route(siteOperations.operatorPurge, 'purge', begun),
    route(siteOperations.operatorChangePlan, 'plan'),
  ]
}

export interface OperatorControlPorts extends MovePolicyPorts, OperatorPorts, Omit<ControlViewPorts, 'sites'> {
  readonly admission: Pick<Admission, 'forget'>
}

const movedView = ({ before, after, nextBefore, nextAfter, isDueAtOnce }: MovedSite) => ({
  id: before.id,
  hostname: before.ownership.hostname,
  status: before.status,
  trialEndsAt: { before: before.trialEndsAt, after: after.trialEndsAt },
  nextStep: { before: stepView(nextBefore), after: stepView(nextAfter) },
  isDueAtOnce,
})

export const controlRoutes = (ports: OperatorControlPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetBrake, ports, async () => ({ status: 200, body: await brakeView(ports) })),
  ...[
    { operation: operations.operatorReleaseBrake, act: releaseBrake },
    { operation: operations.operatorPullBrake, act: pullBrake },
  ].map(({ operation, act }) =>
    operatorEndpoint(operation, ports, async ({ body: { reason } }, { operator }) => {
      await act(ports, { actor: actorOf(operator), reason })
      return { status: 200, body: await brakeView(ports) }
    }),
  ),
  operatorEndpoint(operations.operatorGetTrials, ports, async () => ({ status: 200, body: await trialsView(ports) })),
  operatorEndpoint(operations.operatorSetTrials, ports, async ({ body: { paused, reason } }, { operator }) => {
    await pauseTrials(ports, { isPaused: paused, reason, actor: actorOf(operator) })
    // Other processes see it within a few seconds.
    ports.admission.forget()
    return { status: 200, body: await trialsView(ports) }
  }),
  operatorEndpoint(operations.operatorMovePolicy, ports, async ({ body }, { operator, requestId }) => {
    const { dryRun, cursor, ...move } = body
    const page = await movePolicy(ports, {
      ...move,
      isDryRun: dryRun,
      ...withCursor(cursor),
      actor: actorOf(operator),
      causationId: requestId,
    })
    return { status: 200, body: { sites: page.sites.map(movedView), ...withCursor(page.cursor) } }
  }),
]

export interface OperatorBillingPorts extends RequestReconciliationPorts, OperatorPorts {}

export const billingControlRoutes = (ports: OperatorBillingPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetBilling, ports, async () => ({
    status: 200,
    body: reconciliationView(await ports.reconciliations.read()),
  })),
  operatorEndpoint(operations.operatorReconcileBilling, ports, async ({ body }, { operator, requestId }) => {
    await requestReconciliation(ports, { actor: actorOf(operator), reason: body.reason, causationId: requestId })
    return { status: 202, body: reconciliationView(await ports.reconciliations.read()) }
  }),
]

export type OperatorApiPorts = OperatorSitePorts &
  OperatorControlPorts &
  OperatorBillingPorts &
  OperatorAuditPorts &
  Omit<OperatorBlueprintPorts, 'sites'> &
  InsightPorts &
  OperatorRehearsalPorts &
  HttpPorts

export const create = (ports: OperatorApiPorts) =>
  httpHandler(
    [
      ...siteRoutes(ports),
      ...controlRoutes(ports),
      ...billingControlRoutes(ports),
      ...auditRoutes(ports),
      ...blueprintRoutes(ports),
      ...insightRoutes(ports),
      ...operatorRehearsalRoutes(ports),
    ],
    ports,
  )
