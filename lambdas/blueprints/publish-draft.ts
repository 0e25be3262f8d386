import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { ErrorKind } from '../../core/errors.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { BuildingSite } from '../../core/site/site.ts'
import type { Diagnosis } from '../sites/evidence/diagnose.ts'
import { blueprintOf } from '../sites/run/prepare-launch.ts'
import { changeStanding, noteImageTrouble, type StandingPorts } from './note-trouble.ts'
import type { BlueprintStore } from './ports.ts'
import { requirePublishable } from './require-publishable.ts'
import { failedDraft, proved, submitted, troubledDraft } from './standing.ts'

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

/**
 * Publishes the draft from which a healthy site was built.
 * @returns its content.
 * @throws {SitewrightError} `BlueprintUnknown` if the draft was replaced, `BlueprintInvalid` if its version is published with other content.
 */
export const publishProved = async (
  ports: Pick<StandingPorts, 'log'> & { readonly blueprints: BlueprintStore },
  site: BuildingSite & { readonly draft: number },
): Promise<Blueprint> => {
  const blueprint = await blueprintOf(ports.blueprints, site)
  const { name, version } = blueprint
  await ports.blueprints.publish(blueprint)
  const before = await ports.blueprints.standing(name)
  await changeStanding(ports, name, (known) => proved(known, site.draft))
  if (before?.draft?.state !== 'current') {
    ports.log.info({ event: 'blueprint-current', blueprint: name, version }, 'new sites get this version from now on')
  }
  return blueprint
}

/** Records, and logs in one line, what keeps a site of a draft from answering while it still may. */
export const noteDraftTrouble = async (
  ports: StandingPorts,
  { id: siteId, draft, blueprint: { name, version } }: BuildingSite & { readonly draft: number },
  { cause, detail }: Diagnosis,
): Promise<void> => {
  const soFar = { siteId, at: ports.clocks.wall(), cause, detail }
  await changeStanding(ports, name, (before) => troubledDraft(before, draft, soFar))
  ports.log.warn(
    { event: 'blueprint-draft-troubled', blueprint: name, version, cause, reason: detail, siteId },
    'a site of a new version of a blueprint does not answer yet',
  )
}

/** The blueprint is at fault, and not the platform. */
const faults: ReadonlySet<string> = new Set<ErrorKind>(['LaunchFailed', 'SiteNotReady', 'BlueprintInvalid'])

/**
 * Records what a failed build says of its blueprint: an image that is not available, or a draft that is at fault. Logs a draft that has
 * failed in one line.
 */
export const noteBuildFailure = async (
  ports: StandingPorts,
  site: BuildingSite,
  error: string,
  found: Diagnosis | undefined,
): Promise<void> => {
  if (found?.cause === 'image') return void (await noteImageTrouble(ports, site.blueprint, found.detail))
  const { draft: revision } = site
  if (revision === undefined || !faults.has(error)) return
  const { name, version } = site.blueprint
  const { cause, detail } = found ?? { cause: 'unknown', detail: `The build ended with ${error}.` }
  // A runtime that refuses a launch would refuse it again.
  const isRefused = error === 'LaunchFailed' && site.completedSteps.every(({ name: step }) => step !== 'start')
  const isSure = (cause !== 'unknown' || isRefused) && found?.isUnsure !== true
  const failure = { siteId: site.id, at: ports.clocks.wall(), cause, detail }
  const { draft } = await changeStanding(ports, name, (before) => failedDraft(before, revision, failure, isSure))
  if (draft?.revision !== revision || draft.state !== 'failed') return
  ports.log.error(
    { event: 'blueprint-draft-failed', blueprint: name, version, cause, reason: detail, siteId: site.id },
    'a new version of a blueprint does not start; the version before stays current',
  )
}
