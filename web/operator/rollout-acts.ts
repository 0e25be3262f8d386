import type { components } from '../api/openapi.d.ts'

export type Rollout = components['schemas']['Rollout']
export type CellRollout = components['schemas']['CellRollout']
type Known = Pick<Rollout, 'state' | 'failed'>

const acts = [
  ['pause', 'operatorPauseRollout', ['running']],
  ['resume', 'operatorResumeRollout', ['paused', 'halted']],
  ['retry', 'operatorRetryRollout', ['running', 'paused', 'halted', 'finished']],
  ['abort', 'operatorAbortRollout', ['running', 'paused', 'halted', 'going-back', 'requested']],
] as const satisfies readonly (readonly [string, string, readonly Rollout['state'][]])[]

/** The acts that a role permits and the state of a roll-out suits. The API decides again. */
export const rolloutActsFor = ({ state, failed }: Known, isPermitted: (operation: string) => boolean) =>
  acts.flatMap(([act, operation, states]) => {
    const fits = states.some((one) => one === state) && (act !== 'retry' || failed.length > 0)
    return fits && isPermitted(operation) ? [act] : []
  })

type Offered = Pick<components['schemas']['BlueprintStatus'], 'name' | 'versions'>

/** The published versions of the blueprints without an open roll-out, the newest first, and those that failed last. */
export const versionsToOffer = (
  blueprints: readonly Offered[],
  rollouts: readonly (Known & Pick<Rollout, 'blueprint'>)[],
) => {
  const open = rollouts.filter((rollout) => rolloutActsFor(rollout, () => true).includes('abort'))
  return blueprints
    .filter(({ name }) => open.every(({ blueprint }) => blueprint !== name))
    .flatMap(({ name, versions }) => versions.toReversed().map((one) => ({ name, ...one })))
    .toSorted((one, other) => Number(hasFailed(one)) - Number(hasFailed(other)))
}

const hasFailed = ({ heldBack, unavailable }: Offered['versions'][number]): boolean => heldBack || unavailable
