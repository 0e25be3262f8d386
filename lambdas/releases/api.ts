import type * as z from 'zod'
import { actOf, actorOf } from '../../core/site/change-site.ts'
import { type HttpRoute, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { type ConfigurationApiPorts, configurationRoutes } from '../configuration/api.ts'
import { operatorSiteView } from '../operators/views.ts'
import { actOnRollout, type ControlRolloutPorts, type RolloutAct, startRollout } from './control-rollout.ts'
import { rolloutOperations as operations, type rolloutViewSchema } from './operations.ts'
import { type RelocateSitePorts, relocateSite } from './relocate-site.ts'
import { type RestoreReleaseCopyPorts, restoreReleaseCopy } from './restore-copy.ts'
import { budgetOf, type Rollout } from './rollout.ts'

interface RolloutApiPorts
  extends ControlRolloutPorts,
    Omit<RestoreReleaseCopyPorts, keyof ControlRolloutPorts>,
    Omit<RelocateSitePorts, keyof ControlRolloutPorts>,
    Omit<ConfigurationApiPorts, 'blueprints'>,
    HttpPorts {
  readonly blueprints: ControlRolloutPorts['blueprints'] & ConfigurationApiPorts['blueprints']
}

const rolloutView = (rollout: Rollout): z.input<typeof rolloutViewSchema> => ({
  blueprint: rollout.blueprint,
  version: rollout.to,
  state: rollout.state,
  because: rollout.because ?? null,
  security: rollout.isSecurity,
  waves: [...rollout.waves],
  wave: rollout.wave + 1,
  failureBudget: budgetOf(rollout),
  reason: rollout.reason,
  startedBy: rollout.startedBy,
  startedAt: rollout.startedAt,
  endedAt: rollout.endedAt ?? null,
  sites: rollout.total ?? null,
  done: rollout.done,
  assigned: rollout.assigned ?? 0,
  skipped: rollout.skipped,
  failed: [...rollout.failed],
  inProgress: rollout.chosen.map(({ siteId }) => siteId),
  bakingUntil: rollout.bakingUntil ?? null,
})

const actOperations = {
  pause: operations.operatorPauseRollout,
  resume: operations.operatorResumeRollout,
  abort: operations.operatorAbortRollout,
  retry: operations.operatorRetryRollout,
} as const satisfies Record<RolloutAct, object>

/** The API of roll-outs. */
export const create = (ports: RolloutApiPorts) => {
  const acting = (act: RolloutAct): HttpRoute =>
    operatorEndpoint(actOperations[act], ports, async ({ params, body }, { operator, requestId }) => {
      const decision = { actor: actorOf(operator), causationId: requestId, reason: body.reason }
      const rollout = await actOnRollout(ports, { ...decision, blueprint: params.blueprint, act })
      return { status: 200, body: rolloutView(rollout) }
    })
  const routes = [
    operatorEndpoint(operations.operatorListRollouts, ports, async () => ({
      status: 200,
      body: { rollouts: (await ports.rollouts.list()).map(rolloutView) },
    })),
    operatorEndpoint(operations.operatorStartRollout, ports, async ({ body }, { operator, requestId }) => {
      const { version: to, security: isSecurity, ...wish } = body
      const decision = { actor: actorOf(operator), causationId: requestId }
      return { status: 202, body: rolloutView(await startRollout(ports, { ...wish, ...decision, to, isSecurity })) }
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
