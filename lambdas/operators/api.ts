import type * as z from 'zod'
import { isId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { type ActPorts, actOf, actorOf, requireSite } from '../../core/site/change-site.ts'
import { ownershipOf, type Site } from '../../core/site/site.ts'
import { type Answer, type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import type { reconciliationViewSchema } from '../billing/answers.ts'
import type { ReconciliationState } from '../billing/ports.ts'
import {
  isReconciliationWaiting,
  type RequestReconciliationPorts,
  requestReconciliation,
} from '../billing/reconciliation/run-reconciliation.ts'
import { blueprintRoutes, type OperatorBlueprintPorts } from '../blueprints/api.ts'
import { changePlanAsOperator, endHoldAsOperator, holdAsOperator, suspendAsOperator } from '../endings/act-on-site.ts'
import { purgeAsOperator } from '../endings/delete-site.ts'
import { resumeAsOperator } from '../endings/resume-site.ts'
import { type OperatorRehearsalPorts, operatorRehearsalRoutes } from '../rehearsals/api.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { retryHandOverAsOperator } from '../sites/hand-over/hand-over-site.ts'
import { type SiteViewPorts, stepView } from '../sites/views.ts'
import { pullBrake, releaseBrake } from '../trials/change-brake.ts'
import { extendAsOperator } from '../trials/extend-trial.ts'
import { type MovedSite, type MovePolicyPorts, movePolicy } from '../trials/move-policy.ts'
import { pauseTrials } from '../trials/waiting-list/admit-trials.ts'
import type { Admission } from '../trials/waiting-list/waiting-entry.ts'
import { auditRoutes, type OperatorAuditPorts } from './audit/api.ts'
import { type FindSitesPorts, findSites } from './find-sites.ts'
import { type InsightPorts, insightRoutes } from './insight-api.ts'
import { operatorOperations as operations } from './operations.ts'
import {
  brakeView,
  type ControlViewPorts,
  concernsOf,
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

const siteOf = async ({ sites }: OperatorSitePorts, id: string): Promise<Site> =>
  requireSite(isId('site', id) ? await sites.get(id) : undefined)

const withCursor = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })

const readingRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorListSites, ports, async ({ query }) => {
    const { items, cursor } = await findSites(ports, query)
    const sites = items.map((site) => operatorSiteView(site, ports))
    return { status: 200, body: { sites, ...withCursor(cursor) }, concerns: sites.map(({ id }) => id) }
  }),
  operatorEndpoint(operations.operatorGetSite, ports, async ({ params }) => {
    const site = await siteOf(ports, params.id)
    const accountId = ownershipOf(site)?.accountId
    const account = accountId === undefined ? undefined : await ports.accounts.get(accountId)
    const owner = account === undefined ? undefined : await ports.accounts.getPerson(account.ownerId)
    return {
      status: 200,
      body: operatorSiteDetail(site, { account, owner }, ports),
      concerns: concernsOf(site, account),
    }
  }),
  operatorEndpoint(operations.operatorListEvents, ports, async ({ params, query: { limit, cursor } }) => {
    const { id } = await siteOf(ports, params.id)
    const page = await ports.siteLists.pageOfEvents(id, { limit, ...withCursor(cursor) })
    return { status: 200, body: { events: page.items.map(siteEventView), ...withCursor(page.cursor) } }
  }),
  operatorEndpoint(operations.operatorListFailures, ports, async ({ params }) => {
    const { id } = await siteOf(ports, params.id)
    return { status: 200, body: { failures: (await ports.evidence.list(id)).map(failureView) } }
  }),
]

/** Operators' acts on sites. */
export const siteRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => {
  /** 202 means that an operation has started. */
  const answer = (site: Site, status: 200 | 202 = 200): Answer => ({ status, body: operatorSiteView(site, ports) })
  const resumed = (site: Site): Answer => answer(site, site.status === 'archived' ? 202 : 200)

  return [
    ...readingRoutes(ports),
    operatorEndpoint(operations.operatorExtend, ports, async ({ params, body: { by, reason } }, context) =>
      answer(await extendAsOperator(ports, actOf(params.id, context), { milliseconds: by, reason })),
    ),
    operatorEndpoint(operations.operatorSuspend, ports, async ({ params, body: { reason } }, context) =>
      answer(await suspendAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorResume, ports, async ({ params, body: { reason } }, context) =>
      resumed(await resumeAsOperator(ports, actOf(params.id, context), { reason })),
    ),
    operatorEndpoint(operations.operatorRestore, ports, async ({ params, body: { reason } }, context) =>
      resumed(await resumeAsOperator(ports, actOf(params.id, context), { reason, onlyArchived: true })),
    ),
    operatorEndpoint(operations.operatorHandOver, ports, async ({ params, body: { reason } }, context) =>
      answer(await retryHandOverAsOperator(ports, actOf(params.id, context), reason), 202),
    ),
    operatorEndpoint(operations.operatorHold, ports, async ({ params, body: { reason } }, context) =>
      answer(await holdAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorUnhold, ports, async ({ params, body: { reason } }, context) =>
      answer(await endHoldAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorPurge, ports, async ({ params, body: { reason } }, context) => {
      const { operatorId } = context.operator
      return answer(await purgeAsOperator(ports, actOf(params.id, context), { operatorId, reason }), 202)
    }),
    operatorEndpoint(operations.operatorChangePlan, ports, async ({ params, body }, context) =>
      answer(await changePlanAsOperator(ports, actOf(params.id, context), body)),
    ),
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

/** Controls of the installation. */
export const controlRoutes = (ports: OperatorControlPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetBrake, ports, async () => ({ status: 200, body: await brakeView(ports) })),
  operatorEndpoint(operations.operatorReleaseBrake, ports, async ({ body: { reason } }, { operator }) => {
    await releaseBrake(ports, { actor: actorOf(operator), reason })
    return { status: 200, body: await brakeView(ports) }
  }),
  operatorEndpoint(operations.operatorPullBrake, ports, async ({ body: { reason } }, { operator }) => {
    await pullBrake(ports, { actor: actorOf(operator), reason })
    return { status: 200, body: await brakeView(ports) }
  }),
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

const attemptView = ({ attempt, report }: ReconciliationState) => {
  if (attempt === undefined || attempt.run <= (report?.run ?? 0)) return null
  const { beganAt, failure } = attempt
  return { beganAt, failedAt: failure?.at ?? null, error: failure?.error ?? null }
}

const reportView = ({ report }: ReconciliationState) => {
  if (report === undefined) return null
  const { schemaVersion: _, run: __, answers: ___, ...found } = report
  return found
}

const reconciliationView = (state: ReconciliationState): z.input<typeof reconciliationViewSchema> => {
  const { request } = state
  const waiting = isReconciliationWaiting(state)
  return {
    request: request === undefined ? null : { at: request.at, actor: request.actor, reason: request.reason, waiting },
    attempt: attemptView(state),
    report: reportView(state),
  }
}

/** Billing reconciliation. */
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

/** Operators' API. */
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
