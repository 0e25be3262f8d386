import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Clocks, Log } from '../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import type { BuildingSite } from '../../core/site/site.ts'
import { inWords } from '../rate-limits/count-in-windows.ts'
import type { Diagnosis } from '../sites/evidence/diagnose.ts'
import {
  type BlueprintStatus,
  type ImageFailure,
  imageFailureAfter,
  newStatus,
  silentDraft,
  submitted,
} from './blueprint-status.ts'
import { imageCauseOf, imageCauseWords } from './image-cause.ts'
import type { BlueprintStore } from './ports.ts'
import { requirePublishable } from './require-publishable.ts'

export interface BlueprintStatusPorts {
  readonly blueprints: Pick<BlueprintStore, 'status' | 'saveStatus'>
  readonly clocks: Clocks
  readonly log: Log
}

/**
 * Changes the status of a blueprint; `undefined` changes nothing.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const changeStatus = (
  { blueprints }: Pick<BlueprintStatusPorts, 'blueprints'>,
  name: string,
  change: (before: BlueprintStatus) => BlueprintStatus | undefined,
): Promise<BlueprintStatus> =>
  retryOnConflict(`The blueprint '${name}'`, async () => {
    const before = (await blueprints.status(name)) ?? newStatus(name)
    const after = change(before)
    if (after === undefined) return before
    const next = { ...after, version: before.version + 1 }
    return (await blueprints.saveStatus(next)) ? next : conflict
  })

export interface SubmitPorts extends Pick<BlueprintStatusPorts, 'clocks'> {
  readonly blueprints: Pick<BlueprintStore, 'get' | 'latest' | 'publish' | 'status' | 'saveStatus'>
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
  await changeStatus({ blueprints }, name, (before) => submitted(before, blueprint, { now: clocks.wall(), again }))
  return 'draft'
}

type Reference = Pick<Blueprint, 'name' | 'version'>

/** Records that an image of a version cannot be had, and logs it in one line. */
export const noteImageFailure = async (
  ports: BlueprintStatusPorts,
  { name, version }: Reference,
  detail: string,
): Promise<ImageFailure | undefined> => {
  const found = { version, cause: imageCauseOf(detail), detail }
  const { imageFailure } = await changeStatus(ports, name, (before) => ({
    ...before,
    imageFailure: imageFailureAfter(before.imageFailure, found, ports.clocks.wall()),
  }))
  ports.log.error(
    {
      event: 'blueprint-unavailable',
      blueprint: name,
      version,
      cause: found.cause,
      reason: detail,
      retryAt: imageFailure?.retryAt,
    },
    'a blueprint cannot be built: one of its images is not available',
  )
  return imageFailure
}

export const endImageFailure = async (ports: BlueprintStatusPorts, { name, version }: Reference): Promise<void> => {
  const known = await ports.blueprints.status(name)
  if (known?.imageFailure?.version !== version) return
  await changeStatus(ports, name, ({ imageFailure, ...before }) =>
    imageFailure?.version === version ? before : undefined,
  )
  ports.log.warn({ event: 'blueprint-available', blueprint: name, version }, 'a blueprint can be built again')
}

/** Does work that needs a version's images, and records if one of them cannot be had. Throws what the work throws. */
export const notingImageFailure = async <Result>(
  ports: BlueprintStatusPorts,
  reference: Reference,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await work()
  } catch (error) {
    if (isErrorOfKind(error, 'BlueprintUnavailable')) await noteImageFailure(ports, reference, error.message)
    throw error
  }
}

/** Records, and logs in one line, what keeps a site of a draft from answering while it still may. */
export const noteDraftFailure = async (
  ports: BlueprintStatusPorts,
  { id: siteId, draft, blueprint: { name, version } }: BuildingSite & { readonly draft: number },
  { cause, detail }: Diagnosis,
): Promise<void> => {
  const soFar = { siteId, at: ports.clocks.wall(), cause, detail }
  await changeStatus(ports, name, (before) => silentDraft(before, draft, soFar))
  ports.log.warn(
    { event: 'blueprint-draft-failing', blueprint: name, version, cause, reason: detail, siteId },
    'a site of a new version of a blueprint does not answer yet',
  )
}

/** @throws {SitewrightError} `BlueprintUnavailable` for visitors. */
export const refuseUnavailable = (title: string, { cause, retryAt }: ImageFailure, now: string): never => {
  const seconds = Math.max(1, Math.ceil((Date.parse(retryAt) - Date.parse(now)) / 1000))
  throw new SitewrightError(
    'BlueprintUnavailable',
    `'${title}' cannot be built now: ${imageCauseWords[cause]}. We try again by ourselves. Try again in ${inWords(seconds)}.`,
    { retryAfterSeconds: seconds },
  )
}
