import { SitewrightError } from '../errors.ts'
import { type Instant, plusMilliseconds } from '../instant.ts'
import { type ChangeContext, type SiteChange, siteChange } from './change.ts'
import { nextGeneration } from './location.ts'
import {
  type Ending,
  isOperationKind,
  type OperationAttempt,
  type OperationKind,
  type OperationOf,
  type ReclaimOperation,
} from './operation.ts'
import { isKept, type KeptSite, type LiveSite, type PurgedSite, type Site } from './site.ts'

export type SiteUnder<Kind extends OperationKind> = (KeptSite | PurgedSite) & { readonly operation: OperationOf<Kind> }

export const begun = (site: Pick<Site, 'id' | 'version'>, kind: OperationKind, { clocks }: ChangeContext) => ({
  id: `${kind}-site-${site.id}-${site.version + 1}`,
  fence: 1,
  startedAt: clocks.wall(),
})

/** @throws {SitewrightError} `OperationInProgress`. */
export const requireIdle = (site: KeptSite): void => {
  if (site.operation === undefined) return
  throw new SitewrightError(
    'OperationInProgress',
    'Another operation on this site is in progress. Try again in a moment.',
    {
      retryAfterSeconds: 5,
    },
  )
}

export const wakeOperation = (site: LiveSite, context: ChangeContext): OperationOf<'wake'> => {
  const started = begun(site, 'wake', context)
  return { ...started, kind: 'wake', requestedAt: started.startedAt }
}

/** The wake that follows a copy of a site that sleeps, if somebody asked for the site meanwhile. */
export const wakeAfter = (
  site: KeptSite | PurgedSite,
  context: ChangeContext,
): { readonly operation?: OperationOf<'wake'> } =>
  site.status === 'asleep' && site.operation?.kind === 'copy' && site.operation.wakeRequestedAt !== undefined
    ? { operation: wakeOperation(site, context) }
    : {}

/** Each attempt has its own archive or directory, so that two cannot mix. */
const ownOfAttempt = (
  operation: ReclaimOperation,
  site: KeptSite | PurgedSite,
  generation: number,
  { randomness }: ChangeContext,
) => {
  switch (operation.kind) {
    case 'archive':
      // The archive is committed; only the disk is left.
      return site.status === 'archived' ? operation : { ...operation, archiveId: randomness.id('arc') }
    case 'copy':
      return { ...operation, archiveId: randomness.id('arc') }
    case 'restore':
      return { ...operation, generation }
    case 'upgrade': {
      const { launchedAt: _, checking: __, copy, command, ...untimed } = operation
      // The switch is committed; only the former task is left.
      if (copy === undefined || copy.generation === site.generation) return operation
      return {
        ...untimed,
        ...(command && { command: 'due' as const }),
        copy: {
          archiveId: randomness.id('arc'),
          generation,
          ...(copy.restores && { restores: copy.restores }),
        },
      }
    }
    case 'resize':
    case 'wake': {
      const { launchedAt: _, ...untimed } = operation
      return untimed
    }
    case 'suspend':
    case 'purge':
    case 'sleep':
    case 'dormancy':
    case 'handover':
      return operation
  }
}

/**
 * Begins the operation that `after` has. The state machine of its kind carries it out.
 * @throws {SitewrightError} `OperationInProgress`.
 */
export const beginOperation = <After extends KeptSite>(
  before: After,
  after: After,
  context: ChangeContext,
  more: { readonly reason?: string } = {},
): SiteChange<After> => {
  requireIdle(before)
  const details = { operation: after.operation?.kind ?? '', ...more }
  return siteChange({ transition: 'begin', before, after: { ...after, version: before.version + 1 }, details }, context)
}

/** What an attempt changes of a site's directories: those of an upgrade count once it is committed. */
const generationsOf = (operation: ReclaimOperation) => {
  if (operation.kind === 'restore') return { generation: operation.generation }
  return operation.kind === 'upgrade' && operation.copy !== undefined
    ? { generationsUsed: operation.copy.generation }
    : {}
}

/** Starts another attempt; the fence stops the earlier one. */
export const retryOperation = (
  site: KeptSite | PurgedSite,
  context: ChangeContext,
): SiteChange<KeptSite | PurgedSite> => {
  const { operation } = site
  if (operation === undefined) throw new Error(`${site.id} has no operation to retry`)
  const attempt = {
    ...ownOfAttempt(operation, site, nextGeneration(site), context),
    fence: operation.fence + 1,
    startedAt: context.clocks.wall(),
  }
  const after = { ...site, version: site.version + 1, ...generationsOf(attempt), operation: attempt }
  return siteChange(
    { transition: 'retryOperation', before: site, after, details: { operation: operation.kind } },
    context,
  )
}

/** Raises the fence, so that the attempt's tasks stop and its work can be removed. */
export const abortOperation = (
  site: SiteUnder<OperationKind>,
  ending: Ending,
  context: ChangeContext,
): SiteChange<KeptSite | PurgedSite> => {
  const operation = { ...site.operation, fence: site.operation.fence + 1, startedAt: context.clocks.wall(), ending }
  const details = { operation: operation.kind, outcome: 'given-up', because: ending.because }
  return siteChange(
    { transition: 'retryOperation', before: site, after: { ...site, version: site.version + 1, operation }, details },
    context,
  )
}

/** An operators' purge that a gate refused is not made later. */
const withoutOperatorsDeletion = (site: KeptSite | PurgedSite): KeptSite | PurgedSite => {
  if (site.status !== 'suspended' && site.status !== 'archived') return site
  if (site.deletion?.by !== 'operators') return site
  const { deletion: _, ...kept } = site
  return kept
}

/** `refused`: a gate was closed. `failed`: it was abandoned. */
export type OperationOutcome = 'done' | 'refused' | 'failed'

/**
 * Ends an operation. A sweep starts the wake that may follow.
 * @param options.reprievedUntil when the step is tried again.
 */
export const endOperation = (
  site: KeptSite | PurgedSite,
  outcome: OperationOutcome,
  context: ChangeContext,
  options: { readonly reprievedUntil?: Instant | undefined; readonly because?: string } = {},
): SiteChange => {
  const { operation, ...kept } = outcome === 'refused' ? withoutOperatorsDeletion(site) : site
  if (operation === undefined) throw new Error(`${site.id} has no operation to end`)
  const { reprievedUntil, because } = options
  const after = {
    ...kept,
    ...wakeAfter(site, context),
    version: site.version + 1,
    ...(reprievedUntil === undefined || !isKept(site) ? {} : { reprievedUntil }),
  }
  return siteChange(
    {
      transition: 'endOperation',
      before: site,
      after,
      details: { operation: operation.kind, outcome, ...(because === undefined ? {} : { because }) },
    },
    context,
  )
}

/**
 * Returns the site if this attempt works on it.
 * @throws {SitewrightError} `NotFound`, or `OperationSuperseded`: the attempt must stop.
 */
export const requireOperation = <Kind extends OperationKind>(
  site: Site | undefined,
  { operationId, fence }: OperationAttempt,
  kind: Kind,
): SiteUnder<Kind> => {
  if (site === undefined) throw new SitewrightError('NotFound', 'There is no such site.')
  if (isUnder(site, kind) && site.operation.id === operationId && site.operation.fence === fence) return site
  throw new SitewrightError('OperationSuperseded', `Attempt ${fence} of ${operationId} was superseded.`)
}

export const requireUnderWay = (site: Site | undefined, attempt: OperationAttempt): SiteUnder<OperationKind> => {
  const kind = attempt.operationId.split('-')[0]
  if (kind !== undefined && isOperationKind(kind)) return requireOperation<OperationKind>(site, attempt, kind)
  throw new SitewrightError('OperationSuperseded', `${attempt.operationId} is no operation.`)
}

const isUnder = <Kind extends OperationKind>(site: Site, kind: Kind): site is Site & SiteUnder<Kind> =>
  'operation' in site && site.operation?.kind === kind

/** Whether the clock began the operation and it is not committed: then a payment, an extension or a person overrides it. */
const isUndecidedReclaim = ({ status, operation }: KeptSite): boolean =>
  operation?.kind === 'purge' ||
  (operation?.kind === 'suspend' && (status === 'active' || status === 'asleep')) ||
  (operation?.kind === 'archive' && status === 'suspended')

/** The operation that continues when a person or a payment changes the site. */
export const keptOperation = (site: KeptSite): { readonly operation?: ReclaimOperation } =>
  site.operation === undefined || isUndecidedReclaim(site) ? {} : { operation: site.operation }

/** In milliseconds. */
const longestPause = 60 * 60_000
const firstPause = 10_000

/** Each pause is twice the one before. */
export const retryAt = ({ startedAt, fence }: ReclaimOperation): Instant =>
  plusMilliseconds(startedAt, Math.min(longestPause, firstPause * 2 ** Math.min(20, fence - 1)))
