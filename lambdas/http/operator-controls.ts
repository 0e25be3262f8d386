import { pullBrake, releaseBrake } from '../../core/brake/change-brake.ts'
import type { Actor } from '../../core/events/event.ts'
import type { Operator } from '../../core/ports/tokens.ts'
import type { Admission } from '../../core/ports/trials.ts'
import type { NextStep } from '../../core/site/next-step.ts'
import type { MovedSite, MovePolicyPorts } from '../../core/site/run/move-policy.ts'
import { movePolicy } from '../../core/site/run/move-policy.ts'
import { pauseTrials } from '../../core/waiting-list/control-trials.ts'
import type { OperatorAuthenticationPorts } from '../_runtime/authenticate-operator.ts'
import type { HttpRoute } from '../_runtime/endpoint.ts'
import { operatorEndpoint } from '../_runtime/endpoint.ts'
import { controlOperations as operations } from './control-operations.ts'
import type { ControlViewPorts } from './control-views.ts'
import { brakeView, trialsView } from './control-views.ts'

export interface OperatorControlPorts
  extends MovePolicyPorts,
    OperatorAuthenticationPorts,
    Omit<ControlViewPorts, 'sites'> {
  readonly admission: Pick<Admission, 'forget'>
}

const actorOf = ({ operatorId, role }: Operator): Actor => ({ kind: 'operator', operatorId, role })

const stepView = (next: NextStep | undefined) => (next === undefined ? null : { step: next.step, at: next.dueAt })

const movedView = ({ before, after, nextBefore, nextAfter, isDueAtOnce }: MovedSite) => ({
  id: before.id,
  hostname: before.ownership.hostname,
  status: before.status,
  trialEndsAt: { before: before.trialEndsAt, after: after.trialEndsAt },
  nextStep: { before: stepView(nextBefore), after: stepView(nextAfter) },
  isDueAtOnce,
})

/** What operators do with the place as a whole. */
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
    // Other processes hear of it in a few seconds.
    ports.admission.forget()
    return { status: 200, body: await trialsView(ports) }
  }),
  operatorEndpoint(operations.operatorMovePolicy, ports, async ({ body }, { operator, requestId }) => {
    const { dryRun, cursor, ...move } = body
    const page = await movePolicy(ports, {
      ...move,
      isDryRun: dryRun,
      ...(cursor === undefined ? {} : { cursor }),
      actor: actorOf(operator),
      causationId: requestId,
    })
    return {
      status: 200,
      body: { sites: page.sites.map(movedView), ...(page.cursor === undefined ? {} : { cursor: page.cursor }) },
    }
  }),
]
