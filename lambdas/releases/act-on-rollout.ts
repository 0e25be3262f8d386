import { notFound, refuse } from '../../core/errors.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { type ControlRolloutPorts, type Decision, hasFinished } from './control-rollout.ts'
import {
  type AnyRollout,
  cellOf,
  freshCellWalk,
  freshWalk,
  idOf,
  isOfCell,
  type Rollout,
  type RolloutStore,
} from './rollout.ts'
import { withEvent } from './rollout-changes.ts'

export type RolloutAct = 'pause' | 'resume' | 'abort' | 'retry'

/** In which states an act is possible, and in which one it is done already. */
const rules: Readonly<
  Record<RolloutAct, { readonly from: readonly Rollout['state'][]; readonly done?: Rollout['state'] }>
> = {
  pause: { from: ['running'], done: 'paused' },
  resume: { from: ['paused', 'halted'], done: 'running' },
  abort: { from: ['running', 'paused', 'halted', 'going-back', 'requested'], done: 'aborted' },
  retry: { from: ['running', 'paused', 'halted', 'finished'] },
}

/** The operator has judged the version to be good. */
const withJudgedVersion = ({ heldBack, ...kept }: Rollout): Rollout => {
  const others = heldBack?.filter((version) => version !== kept.to) ?? []
  return { ...kept, ...(others.length > 0 && { heldBack: others }) }
}

const after = (rollout: AnyRollout, act: RolloutAct, now: string): AnyRollout => {
  const next = { ...rollout, version: rollout.version + 1 }
  if (act === 'pause') return { ...next, state: 'paused' }
  if (act === 'abort') {
    // No run looks at it again: sites that are in progress end without it.
    const ended = { state: 'aborted', endedAt: now, chosen: [] } as const
    return { ...next, ...ended, ...(isOfCell(next) && { lossRequest: undefined }) }
  }
  const { because: _, bakingUntil: __, endedAt: ___, ...kept } = isOfCell(next) ? next : withJudgedVersion(next)
  const running: AnyRollout = { ...kept, state: 'running' }
  if (act === 'retry') {
    const again = { failed: [], accepted: 0, triesFrom: now }
    if (isOfCell(running)) return { ...running, ...again, held: [], walk: freshCellWalk }
    const repeated = hasFinished(rollout, running.to) && { isRepeated: true as const }
    return { ...running, ...again, ...repeated, walk: freshWalk }
  }
  // After a bad bake time the operator has judged: what follows is compared again.
  return { ...running, accepted: rollout.failed.length, samples: rollout.state === 'halted' ? [] : rollout.samples }
}

/** @throws {SitewrightError} `NotFound`. */
const requireRollout = async (rollouts: Pick<RolloutStore, 'read' | 'readOfCell'>, id: string): Promise<AnyRollout> => {
  const cell = cellOf(id)
  const found = cell === undefined ? await rollouts.read(id) : await rollouts.readOfCell(cell)
  return found ?? notFound(`${cell === undefined ? 'This blueprint' : 'This cell'} had no roll-out.`)
}

/**
 * Pauses, resumes or aborts the last roll-out of a blueprint or cell, or tries its failed sites again. Upgrades in progress finish. An abort opens
 * a cell to new sites, also after its end.
 * @param blueprint its name, or `cell:` and the name of a cell.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `VersionConflict`.
 */
export const actOnRollout = async (
  ports: ControlRolloutPorts,
  { blueprint, act, ...decision }: Decision & { readonly blueprint: string; readonly act: RolloutAct },
): Promise<AnyRollout> =>
  retryOnConflict(`The roll-out of ${blueprint}`, async () => {
    const found = await requireRollout(ports.rollouts, blueprint)
    const { from, done } = rules[act]
    if (found.state === done) return found
    const isReopened = act === 'abort' && isOfCell(found) && found.state === 'finished'
    if (!from.includes(found.state) && !isReopened)
      refuse(`The roll-out of '${idOf(found)}' is ${found.state}: you cannot ${act} it.`)
    const next = after(found, act, ports.clocks.wall())
    const reason = `${act}: ${decision.reason}`
    const change = withEvent(next, 'RolloutChanged', { ...ports, ...decision }, reason)
    return (await ports.rollouts.write(change.next, change.event)) ? change.next : conflict
  })
