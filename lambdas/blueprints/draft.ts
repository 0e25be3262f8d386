import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { inOrder } from '../../core/in-order.ts'
import type { Instant } from '../../core/instant.ts'
import type { Draft, Standing } from './standing.ts'

/** A draft fails after so many builds whose cause nobody knows, or that listened nowhere: the machine may have been busy. */
const mostUnknown = 3

/** The draft of which a site may be built. An operator may have published its version, or a later one, in another way. */
export const openDraft = (standing: Standing | undefined, latest: Blueprint | undefined): Draft | undefined => {
  const draft = standing?.draft
  if (draft?.state !== 'trying') return undefined
  return latest === undefined || draft.blueprint.version > latest.version ? draft : undefined
}

/**
 * Makes a blueprint the draft. The same content is tried again only if an operator asks for it.
 * @returns undefined if it is the draft already. If an operator asks, that is written once more, so that the pool looks at once.
 */
export const submitted = (
  before: Standing,
  blueprint: Blueprint,
  { now, again }: { readonly now: Instant; readonly again: boolean },
): Standing | undefined => {
  const { draft } = before
  const isSame = draft !== undefined && inOrder(draft.blueprint) === inOrder(blueprint)
  if (isSame && draft.state === 'trying') return again ? before : undefined
  if (isSame && !again) return undefined
  const revision = (draft?.revision ?? 0) + 1
  return { ...before, draft: { blueprint, revision, submittedAt: now, state: 'trying', failures: 0 } }
}

/** A site of this content came up healthy. */
export const proved = (before: Standing, revision: number): Standing | undefined => {
  const { draft } = before
  if (draft?.revision !== revision || draft.state === 'current') return undefined
  const { failure: _, soFar: __, ...kept } = draft
  return { ...before, draft: { ...kept, state: 'current' } }
}

/** A site of this content does not answer yet, for a reason that is known. It is noted once for each site. */
export const troubledDraft = (
  before: Standing,
  revision: number,
  soFar: NonNullable<Draft['soFar']>,
): Standing | undefined => {
  const { draft } = before
  if (draft?.revision !== revision || draft.state !== 'trying' || draft.soFar?.siteId === soFar.siteId) return undefined
  return { ...before, draft: { ...draft, soFar } }
}

/**
 * A build of this content failed.
 * @param isSure whether the next build would fail too.
 */
export const failedDraft = (
  before: Standing,
  revision: number,
  failure: NonNullable<Draft['failure']>,
  isSure: boolean,
): Standing | undefined => {
  const { draft } = before
  if (draft?.revision !== revision || draft.state !== 'trying') return undefined
  // A repeated task.
  if (draft.failure?.siteId === failure.siteId) return undefined
  const { soFar: _, ...kept } = draft
  const failures = draft.failures + 1
  const isOver = isSure || failures >= mostUnknown
  return { ...before, draft: { ...kept, failures, failure, state: isOver ? 'failed' : 'trying' } }
}
