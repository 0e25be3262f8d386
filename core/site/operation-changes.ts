import { SitewrightError } from '../errors.ts'
import { system } from '../events/event-names.ts'
import type { Instant } from '../instant.ts'
import type { Context } from '../ports/context.ts'
import type { SiteStore } from '../ports/stores.ts'
import type { Workflows } from '../ports/workflows.ts'
import { type ChangeContext, type SiteChange, siteChange } from './lifecycle.ts'
import {
  type Ending,
  isOperationKind,
  isPlanChange,
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
    { retryAfterSeconds: 5 },
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

export const handOverOperation = (
  site: Pick<Site, 'id' | 'version'>,
  context: ChangeContext,
): OperationOf<'handover'> => {
  const started = begun(site, 'handover', context)
  return { ...started, kind: 'handover', requestedAt: started.startedAt }
}

/** The operation of a change that makes a site active, and the detail of its event: none unless it waits for its hand-over. */
export const pendingHandOver = (
  site: Pick<Site, 'id' | 'version' | 'handOver'>,
  context: ChangeContext,
): { readonly begins: { readonly operation?: OperationOf<'handover'> }; readonly detail: { operation?: string } } =>
  site.handOver?.status === 'pending'
    ? { begins: { operation: handOverOperation(site, context) }, detail: { operation: 'handover' } }
    : { begins: {}, detail: {} }

/** Begins the operation that `after` has. The state machine of its kind carries it out. @throws {SitewrightError} `OperationInProgress`. */
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

/** Raises the fence, so that the attempt's tasks stop and its work can be removed. */
export const abortOperation = (
  site: SiteUnder<OperationKind>,
  ending: Ending,
  context: ChangeContext,
): SiteChange<KeptSite | PurgedSite> => {
  const operation = { ...site.operation, fence: site.operation.fence + 1, startedAt: context.clocks.wall(), ending }
  const after = { ...site, version: site.version + 1, operation }
  const details = { operation: operation.kind, outcome: 'given-up', because: ending.because }
  return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
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

/** Ends an operation. A sweep starts the wake that may follow. @param options.reprievedUntil when the step is tried again. */
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
    ...(operation.kind === 'restore' && reprievedUntil !== undefined ? { restoreNotBefore: reprievedUntil } : {}),
    ...(operation.kind === 'archive' && operation.early && outcome === 'failed'
      ? { failedMove: { from: site.cell, because: because ?? '', at: context.clocks.wall() } }
      : {}),
  }
  const details = { operation: operation.kind, outcome, ...(because !== undefined && { because }) }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

/** Returns the site if this attempt works on it. @throws {SitewrightError} `NotFound`, or `OperationSuperseded`: the attempt must stop. */
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

const operationOf = (site: Site): ReclaimOperation | undefined =>
  'operation' in site && site.operation !== undefined && site.operation.kind !== 'provision'
    ? site.operation
    : undefined

/** Used once, so that a repeated start runs once. */
export const operationExecution = ({ id, fence }: ReclaimOperation): string => `${id}-${fence}`

/** Idempotent. */
export const startOperation = async (workflows: Workflows, site: Site): Promise<void> => {
  const operation = operationOf(site)
  if (operation === undefined) return
  const attempt: OperationAttempt = { siteId: site.id, operationId: operation.id, fence: operation.fence }
  await workflows.start(`${operation.kind}-site`, operationExecution(operation), attempt, {
    isAwaited:
      ['restore', 'copy', 'wake', 'handover'].includes(operation.kind) ||
      isPlanChange(operation) ||
      (operation.kind === 'upgrade' && operation.atWake === true),
  })
}

/** Logs a failure: a sweep starts it later. @returns the site. */
export const startOperationSoon = async (
  { workflows, log }: Pick<Context, 'log'> & { readonly workflows: Workflows },
  site: Site,
): Promise<Site> => {
  await startOperation(workflows, site).catch((error: unknown) =>
    log.warn({ siteId: site.id, err: error }, 'an operation could not be started at once'),
  )
  return site
}

export interface ReclaimPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: SiteStore
}

export const attemptContext = (
  { clocks, randomness }: ReclaimPorts,
  { operationId, fence }: OperationAttempt,
): ChangeContext => ({ actor: system, causationId: `${operationId}-${fence}`, clocks, randomness })

/** @throws {SitewrightError} `VersionConflict`: the task is repeated. */
export const commitOrRepeat = async ({ sites }: ReclaimPorts, change: SiteChange): Promise<void> => {
  if ((await sites.commit(change)).done) return
  throw new SitewrightError('VersionConflict', `${change.after.id} was changed at the same time.`)
}
