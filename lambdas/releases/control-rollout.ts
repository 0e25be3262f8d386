import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { notFound, refuse } from '../../core/errors.ts'
import type { Actor } from '../../core/events/actor.ts'
import { inOrder } from '../../core/in-order.ts'
import type { Context } from '../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { isOwnBlueprint } from '../deployments/deployment.ts'
import {
  type AnyRollout,
  defaultWaves,
  freshWalk,
  isOfCell,
  isOpen,
  lastFinished,
  nothingDone,
  type Rollout,
  type RolloutStore,
  securityWaves,
  type Wave,
} from './rollout.ts'
import { withEvent } from './rollout-changes.ts'
import { isCompatible } from './site-progress.ts'

export interface ControlRolloutPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly rollouts: RolloutStore
  readonly blueprints: Pick<BlueprintReader, 'versions'>
}

export interface Decision {
  readonly actor: Actor
  readonly causationId: string
  readonly reason: string
}

export interface RolloutRequest extends Decision {
  readonly blueprint: string
  readonly to: number
  readonly waves?: readonly Wave[] | undefined
  readonly failureBudget?: number | undefined
  readonly isSecurity: boolean
  /** The version may get data that it cannot use. */
  readonly acceptIncompatibleData?: boolean | undefined
}

const wavesOf = ({ waves, isSecurity }: RolloutRequest): readonly Wave[] =>
  waves ?? (isSecurity ? securityWaves : defaultWaves)

const isSameRequest = (found: Rollout, request: RolloutRequest): boolean => {
  const asked = { ...request, startedBy: request.actor, waves: wavesOf(request) }
  const partsOf = ({ to, reason, isSecurity, failureBudget, startedBy, waves }: typeof asked | Rollout) =>
    inOrder([to, reason, isSecurity, failureBudget, startedBy, waves])
  return partsOf(asked) === partsOf(found)
}

/** @throws {SitewrightError} `TransitionNotAllowed` unless the version can use what the later ones have written, or that is accepted. */
const requireUsableData = (
  above: readonly Blueprint[],
  { blueprint, to, acceptIncompatibleData }: RolloutRequest,
): void => {
  if (acceptIncompatibleData || isCompatible(above)) return
  const versions = above.filter((one) => !isCompatible([one])).map(({ version }) => version)
  refuse(
    `Version ${to} of '${blueprint}' may not be able to use the data of sites that have a later version: not \`backwardCompatible\` are ${versions.join(', ')}. Publish a new version that is right, or accept this with \`acceptIncompatibleData\`.`,
  )
}

export const hasFinished = (found: AnyRollout | undefined, to: number): boolean =>
  found !== undefined &&
  !isOfCell(found) &&
  found.to === to &&
  (found.state === 'finished' || found.isRepeated === true)

/**
 * What a roll-out keeps of the one before. Which returning sites get its version, it decides alone. New sites get its version, and none from
 * which it takes sites down.
 */
const before = (
  found: Rollout | undefined,
  to: number,
  above: readonly number[],
): Pick<Rollout, 'finishedBefore' | 'isRepeated' | 'heldBack'> => {
  const finished = found && lastFinished(found)
  const heldBack = [...new Set([...(found?.heldBack ?? []), ...above])].filter((version) => version !== to)
  return {
    ...(finished === undefined || finished === to ? {} : { finishedBefore: finished }),
    ...(hasFinished(found, to) && { isRepeated: true as const }),
    ...(heldBack.length === 0 ? {} : { heldBack }),
  }
}

/**
 * Starts a roll-out. The same request of the same operator again returns the one that it started.
 * @throws {SitewrightError} `NotFound` if the version was never published; `TransitionNotAllowed` during another one;
 *   for a former version that cannot use the data of later ones, and for the software of one site; `VersionConflict`.
 */
export const startRollout = async (ports: ControlRolloutPorts, request: RolloutRequest): Promise<Rollout> => {
  const { blueprint, to, failureBudget, isSecurity, reason, actor } = request
  if (isOwnBlueprint(blueprint)) refuse('This is the software of one site. Its developers deploy it.')
  const versions = await ports.blueprints.versions(blueprint)
  if (!versions.some(({ version }) => version === to))
    notFound(`Blueprint '${blueprint}' has no published version ${to}.`)
  const later = versions.filter(({ version }) => version > to)
  const above = later.map(({ version }) => version)
  const highest = above.at(-1)
  requireUsableData(later, request)
  return retryOnConflict(`The roll-out of ${blueprint}`, async () => {
    const found = await ports.rollouts.read(blueprint)
    if (found !== undefined && isOpen(found)) {
      if (isSameRequest(found, request)) return found
      refuse(`A roll-out of '${blueprint}' to version ${found.to} is ${found.state}. Abort it first.`)
    }
    const now = ports.clocks.wall()
    const next: Rollout = {
      schemaVersion: 1,
      blueprint,
      version: (found?.version ?? 0) + 1,
      events: found?.events ?? 0,
      to,
      ...(highest !== undefined && { downFrom: highest }),
      ...before(found, to, above),
      state: 'running',
      isSecurity,
      waves: wavesOf(request),
      ...(failureBudget === undefined ? {} : { failureBudget }),
      reason,
      startedBy: actor,
      startedAt: now,
      triesFrom: now,
      ...nothingDone,
      walk: freshWalk,
    }
    const change = withEvent(next, 'RolloutStarted', { ...ports, ...request }, reason)
    return (await ports.rollouts.write(change.next, change.event)) ? change.next : conflict
  })
}
