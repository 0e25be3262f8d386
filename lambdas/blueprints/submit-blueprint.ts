import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { Plan } from '../../core/plan/plan.ts'
import { changeStanding, type StandingPorts } from './note-trouble.ts'
import type { BlueprintStore } from './ports.ts'
import { requirePublishable } from './require-publishable.ts'
import { submitted } from './standing.ts'

export interface SubmitPorts extends Pick<StandingPorts, 'clocks'> {
  readonly blueprints: Pick<BlueprintStore, 'get' | 'latest' | 'publish' | 'standing' | 'saveStanding'>
  readonly plans: readonly Plan[]
}

/** `older`: a later version is current, so nothing is stored. */
export type Submission = 'draft' | 'current' | 'older'

/**
 * Stores a blueprint as the draft of its next version, unless that version is published.
 * @param again tries a failed draft with the same content again.
 * @throws {SitewrightError} `BlueprintInvalid` if it has mistakes, or its version is published with other content.
 */
export const submitBlueprint = async (
  { blueprints, plans, clocks }: SubmitPorts,
  blueprint: Blueprint,
  { again }: { readonly again: boolean },
): Promise<Submission> => {
  const { name, version } = blueprint
  if ((await blueprints.get(name, version)) !== undefined) {
    // Writes nothing: the version exists, and this compares it.
    await blueprints.publish(blueprint)
    return 'current'
  }
  const latest = await blueprints.latest(name)
  if (latest !== undefined && latest.version > version) return 'older'
  requirePublishable(blueprint, plans, latest)
  await changeStanding({ blueprints }, name, (before) => submitted(before, blueprint, { now: clocks.wall(), again }))
  return 'draft'
}
