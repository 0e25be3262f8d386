import type * as z from 'zod'
import { actOf, actorOf } from '../../core/site/change-site.ts'
import { requireRole } from '../_runtime/authenticate-operator.ts'
import { type HttpRoute, operatorEndpoint } from '../_runtime/endpoint.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { type ConfigurationApiPorts, configurationRoutes } from '../configuration/api.ts'
import { operatorSiteView } from '../operators/views.ts'
import { actOnRollout, type RolloutAct } from './act-on-rollout.ts'
import type { cellRolloutViewSchema, rolloutViewSchema } from './answers.ts'
import { type ControlRolloutPorts, startRollout } from './control-rollout.ts'
import { declareLost, drainCell, type RelocateSitePorts, relocateSite, withoutExpired } from './leave-cell.ts'
import { rolloutOperations as operations } from './operations.ts'
import { restoreReleaseCopy } from './restore-copy.ts'
import { type AnyRollout, budgetOf, type CellRollout, cellOf, isOfCell, type Rollout } from './rollout.ts'

const progressOf = (rollout: AnyRollout) => ({
  state: rollout.state,
  because: rollout.because ?? null,
  waves: [...rollout.waves],
  wave: rollout.wave + 1,
  failureBudget: budgetOf(rollout),
  reason: rollout.reason,
  startedBy: rollout.startedBy,
  startedAt: rollout.startedAt,
  endedAt: rollout.endedAt ?? null,
  sites: rollout.total ?? null,
  done: rollout.done,
  skipped: rollout.skipped,
  failed: [...rollout.failed],
  inProgress: rollout.chosen.map(({ siteId }) => siteId),
  bakingUntil: rollout.bakingUntil ?? null,
})

const rolloutView = (rollout: Rollout): z.input<typeof rolloutViewSchema> => ({
  blueprint: rollout.blueprint,
  version: rollout.to,
  ...progressOf(rollout),
  security: rollout.isSecurity,
  assigned: rollout.assigned ?? 0,
})

const cellRolloutView = (rollout: CellRollout): z.input<typeof cellRolloutViewSchema> => ({
  cell: rollout.cell,
  kind: rollout.kind,
  ...progressOf(rollout),
  lossRequestedBy: rollout.lossRequest?.operatorId ?? null,
  held: [...rollout.held],
  restored: [...rollout.restored],
})

const actOperations = {
  pause: operations.operatorPauseRollout,
  resume: operations.operatorResumeRollout,
  abort: operations.operatorAbortRollout,
  retry: operations.operatorRetryRollout,
} as const satisfies Record<RolloutAct, object>

export const create = (ports: ControlRolloutPorts & RelocateSitePorts & ConfigurationApiPorts) => {
  const acting = (act: RolloutAct): HttpRoute =>
    operatorEndpoint(actOperations[act], ports, async ({ params, body }, { operator, requestId }) => {
      const decision = { actor: actorOf(operator), causationId: requestId, reason: body.reason }
      if (act === 'abort' && cellOf(params.blueprint) !== undefined) requireRole(operator, ['admin'])
      const rollout = await actOnRollout(ports, { ...decision, blueprint: params.blueprint, act })
      return { body: isOfCell(rollout) ? cellRolloutView(rollout) : rolloutView(rollout) }
    })
  const routes = [
    operatorEndpoint(operations.operatorListRollouts, ports, async () => {
      const all = await ports.rollouts.listAll()
      const rollouts = all.flatMap((one) => (isOfCell(one) ? [] : [rolloutView(one)]))
      const now = ports.clocks.wall()
      const cells = all.filter(isOfCell).map((one) => cellRolloutView(withoutExpired(one, now)))
      return { body: { rollouts, cells } }
    }),
    operatorEndpoint(operations.operatorDrainCell, ports, async ({ params, body }, { operator, requestId }) => {
      const decision = { actor: actorOf(operator), causationId: requestId }
      return { status: 202, body: cellRolloutView(await drainCell(ports, { ...body, ...params, ...decision })) }
    }),
    operatorEndpoint(operations.operatorDeclareCellLost, ports, async ({ params, body }, { operator, requestId }) => {
      const { operatorId } = operator
      const request = { ...body, ...params, operatorId, actor: actorOf(operator), causationId: requestId }
      return { status: 202, body: cellRolloutView(await declareLost(ports, request)) }
    }),
    operatorEndpoint(operations.operatorStartRollout, ports, async ({ body }, { operator, requestId }) => {
      const { version: to, security: isSecurity, ...wanted } = body
      const decision = { actor: actorOf(operator), causationId: requestId }
      return { status: 202, body: rolloutView(await startRollout(ports, { ...wanted, ...decision, to, isSecurity })) }
    }),
    acting('pause'),
    acting('resume'),
    acting('abort'),
    acting('retry'),
    operatorEndpoint(operations.operatorRestoreReleaseCopy, ports, async ({ params, body }, context) => {
      const site = await restoreReleaseCopy(ports, actOf(params.id, context), body)
      return { status: 202, body: operatorSiteView(site, ports) }
    }),
    operatorEndpoint(operations.operatorRelocateSite, ports, async ({ params, body }, context) => {
      const site = await relocateSite(ports, actOf(params.id, context), body)
      return { status: 202, body: operatorSiteView(site, ports) }
    }),
    ...configurationRoutes(ports),
  ]
  return httpHandler(routes, ports)
}
