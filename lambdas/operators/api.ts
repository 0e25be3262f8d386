import { defined } from '../../core/defined.ts'
import { actorOf } from '../../core/site/change-site.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { type RequestReconciliationPorts, requestReconciliation } from '../billing/reconciliation/run-reconciliation.ts'
import { reconciliationView } from '../billing/views.ts'
import { blueprintRoutes, type OperatorBlueprintPorts } from '../blueprints/api.ts'
import { type OperatorRehearsalPorts, operatorRehearsalRoutes } from '../rehearsals/api.ts'
import { stepView } from '../sites/views.ts'
import { type MovedSite, type MovePolicyPorts, movePolicy } from '../trials/move-policy.ts'
import { pullBrake, releaseBrake } from '../trials/pull-brake.ts'
import { type Admission, pauseTrials } from '../trials/waiting-list/admit-trials.ts'
import { auditRoutes, type OperatorAuditPorts } from './audit/api.ts'
import { type InsightPorts, insightRoutes } from './insight-api.ts'
import { operatorOperations as operations } from './operations.ts'
import { type OperatorSitePorts, siteRoutes } from './site-api.ts'
import { brakeView, type ControlViewPorts, trialsView } from './views.ts'

interface OperatorControlPorts extends MovePolicyPorts, OperatorPorts, Omit<ControlViewPorts, 'sites'> {
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

const controlRoutes = (ports: OperatorControlPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetBrake, ports, async () => ({ body: await brakeView(ports) })),
  ...[
    { operation: operations.operatorReleaseBrake, act: releaseBrake },
    { operation: operations.operatorPullBrake, act: pullBrake },
  ].map(({ operation, act }) =>
    operatorEndpoint(operation, ports, async ({ body: { reason } }, { operator }) => {
      await act(ports, { actor: actorOf(operator), reason })
      return { body: await brakeView(ports) }
    }),
  ),
  operatorEndpoint(operations.operatorGetTrials, ports, async () => ({ body: await trialsView(ports) })),
  operatorEndpoint(operations.operatorSetTrials, ports, async ({ body: { paused, reason } }, { operator }) => {
    await pauseTrials(ports, { isPaused: paused, reason, actor: actorOf(operator) })
    // Other processes see it within a few seconds.
    ports.admission.forget()
    return { body: await trialsView(ports) }
  }),
  operatorEndpoint(operations.operatorMovePolicy, ports, async ({ body }, { operator, requestId }) => {
    const { dryRun, cursor, ...move } = body
    const page = await movePolicy(ports, {
      ...move,
      isDryRun: dryRun,
      ...defined({ cursor }),
      actor: actorOf(operator),
      causationId: requestId,
    })
    return { body: { sites: page.sites.map(movedView), ...defined({ cursor: page.cursor }) } }
  }),
]

interface OperatorBillingPorts extends RequestReconciliationPorts, OperatorPorts {}

const billingControlRoutes = (ports: OperatorBillingPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetBilling, ports, async () => ({
    body: reconciliationView(await ports.reconciliations.read()),
  })),
  operatorEndpoint(operations.operatorReconcileBilling, ports, async ({ body }, { operator, requestId }) => {
    await requestReconciliation(ports, { actor: actorOf(operator), reason: body.reason, causationId: requestId })
    return { status: 202, body: reconciliationView(await ports.reconciliations.read()) }
  }),
]

type OperatorApiPorts = OperatorSitePorts &
  OperatorControlPorts &
  OperatorBillingPorts &
  OperatorAuditPorts &
  Omit<OperatorBlueprintPorts, 'sites'> &
  InsightPorts &
  OperatorRehearsalPorts

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
