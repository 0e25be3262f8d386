import { notFound, refuse, SitewrightError } from '../errors.ts'
import type { Actor } from '../events/actor.ts'
import { system } from '../events/event-names.ts'
import { type AccountId, isId, type SiteId } from '../ids.ts'
import type { Instant } from '../instant.ts'
import type { Context } from '../ports/context.ts'
import type { Obstacle, SiteStore } from '../ports/stores.ts'
import type { Operator } from '../ports/tokens.ts'
import type { Workflows } from '../ports/workflows.ts'
import { conflict, retryOnConflict } from '../retry-on-conflict.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from './lifecycle.ts'
import {
  type Ending,
  isOperationKind,
  isPlanChange,
  type OperationAttempt,
  type OperationKind,
  type OperationOf,
  type ReclaimOperation,
} from './operation.ts'
import { isRehearsal } from './rehearsal.ts'
import {
  type ActiveSite,
  isKept,
  isLive,
  type KeptSite,
  type LiveSite,
  ownershipOf,
  type PurgedSite,
  type Site,
} from './site.ts'
import { ownDeletion } from './site-facts.ts'

/**
 * Changes a site; decides again if it is changed at the same time.
 * @param decide gets the site, read consistently, and why the last attempt was refused; returns undefined if there is nothing to change.
 * @returns the site after the change.
 * @throws whatever `decide` throws, and {SitewrightError} `VersionConflict`.
 */
export const changeSite = async (
  sites: Pick<SiteStore, 'get' | 'commit'>,
  siteId: SiteId,
  decide: (site: Site | undefined, refusal: Obstacle | undefined) => SiteChange | undefined,
): Promise<Site | undefined> => {
  let refusal: Obstacle | undefined
  return retryOnConflict(siteId, async () => {
    const site = await sites.get(siteId)
    const change = decide(site, refusal)
    if (change === undefined) return site
    const result = await sites.commit(change)
    if (result.done) return change.after
    refusal = result.obstacle
    return conflict
  })
}

export interface ActPorts extends Pick<Context, 'policies' | 'clocks' | 'randomness' | 'log'> {
  readonly sites: SiteStore
  readonly workflows: Workflows
}

export interface Act {
  /** Not validated. */
  readonly siteId: string
  readonly actor: Actor
  readonly causationId: string
}

export const actContext = (
  { clocks, randomness }: Pick<ActPorts, 'clocks' | 'randomness'>,
  { actor, causationId }: Act,
): ChangeContext => ({ actor, causationId, clocks, randomness })

/** What an act changes of a site that there is; undefined if nothing. */
type DecideOnSite = (site: Site, context: ChangeContext) => SiteChange | undefined

type ActOnSitePorts = Pick<ActPorts, 'sites' | 'clocks' | 'randomness'>

export const requireSite = (site: Site | undefined): Site => site ?? notFound('There is no such site.')

/** Another owner's site is treated as missing, and so is a rehearsal: it is reached by its original. @throws {SitewrightError} `NotFound`. */
export const requireOwnSite = (site: Site | undefined, accountId: AccountId): Site => {
  const isOwn = site !== undefined && !isRehearsal(site) && ownershipOf(site)?.accountId === accountId
  return requireSite(isOwn ? site : undefined)
}

/** Requires an owner and data. @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireKept = (site: Site): KeptSite => {
  if (isKept(site)) return site
  return refuse(`This is not possible while the site is ${site.status}.`)
}

/** Changes a site by its given id; a rehearsal has none to its users. @throws whatever `decide` throws, and {SitewrightError} `NotFound`, `VersionConflict`. */
export const changeNamedSite = async (ports: ActOnSitePorts, act: Act, decide: DecideOnSite): Promise<Site> => {
  const { siteId } = act
  if (!isId('site', siteId)) return requireSite(undefined)
  const context = actContext(ports, act)
  const named = (found: Site | undefined) => requireSite(found === undefined || isRehearsal(found) ? undefined : found)
  return requireSite(await changeSite(ports.sites, siteId, (found) => decide(named(found), context)))
}

export interface OwnerAct extends Act {
  readonly accountId: AccountId
}

export const changeOwnSite = (ports: ActOnSitePorts, act: OwnerAct, decide: DecideOnSite): Promise<Site> =>
  changeNamedSite(ports, act, (site, context) => decide(requireOwnSite(site, act.accountId), context))

/** @throws {SitewrightError} `NotFound`, also for another owner's site. */
export const findOwnSite = async (
  { sites }: { readonly sites: Pick<SiteStore, 'get'> },
  { siteId, accountId }: Pick<OwnerAct, 'siteId' | 'accountId'>,
): Promise<Site> => requireOwnSite(isId('site', siteId) ? await sites.get(siteId) : undefined, accountId)

export const actorOf = ({ operatorId, role }: Operator): Actor => ({ kind: 'operator', operatorId, role })

export const actOf = (siteId: string, { operator, requestId }: { operator: Operator; requestId: string }): Act => ({
  siteId,
  actor: actorOf(operator),
  causationId: requestId,
})

export type SiteUnder<Kind extends OperationKind> = (KeptSite | PurgedSite) & { readonly operation: OperationOf<Kind> }

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

/** Begins the operation that `after` has. The state machine of its kind carries it out. @throws {SitewrightError} `OperationInProgress`. */
export const beginOperation = <After extends KeptSite>(
  before: After,
  after: After,
  context: ChangeContext,
  more: { readonly reason?: string } = {},
): SiteChange<After> => {
  requireIdle(before)
  const details = { operation: after.operation?.kind ?? '', ...more }
  return siteChange({ transition: 'begin', before, after, details }, context)
}

/** Raises the fence, so that the attempt's tasks stop and its work can be removed. */
export const abortOperation = (
  site: SiteUnder<OperationKind>,
  ending: Ending,
  context: ChangeContext,
): SiteChange<KeptSite | PurgedSite> => {
  const operation = { ...site.operation, fence: site.operation.fence + 1, startedAt: context.clocks.wall(), ending }
  const after = { ...site, operation }
  const details = { operation: operation.kind, outcome: 'given-up', because: ending.because }
  return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
}

/** An operators' purge that a gate refused is not made later; a deletion that the owner requested before still is. */
const withoutOperatorsDeletion = (site: KeptSite | PurgedSite): KeptSite | PurgedSite => {
  if (site.status !== 'suspended' && site.status !== 'archived') return site
  if (site.deletion?.by !== 'operators') return site
  const { deletion, ...kept } = site
  const own = ownDeletion(deletion)
  return { ...kept, ...(own && { deletion: own }) }
}

/** `refused`: a gate was closed. `failed`: it was abandoned. */
type OperationOutcome = 'done' | 'refused' | 'failed'

/**
 * A site that an operation leaves without an address is down from then on. Its pause was wanted, and does not count: its owner would get a mail
 * while it starts.
 */
export const downAfter = (site: KeptSite | PurgedSite, { clocks }: ChangeContext): Pick<ActiveSite, 'down'> =>
  site.status === 'active' && site.endpoint === undefined && site.down === undefined
    ? { down: { since: clocks.wall() } }
    : {}

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
    ...downAfter(site, context),
    ...wakeAfter(site, context),
    ...(site.status === 'asleep' && operation.kind === 'wake' ? { timesAfter: operation.requestedAt } : {}),
    ...(reprievedUntil === undefined || !isKept(site) ? {} : { reprievedUntil }),
    ...(operation.kind === 'restore' && reprievedUntil !== undefined ? { restoreNotBefore: reprievedUntil } : {}),
    ...(isLive(site) && operation.kind === 'copy' && outcome === 'failed'
      ? { copying: { ...site.copying, failed: { at: context.clocks.wall(), because: because ?? '' } } }
      : {}),
    ...(operation.kind === 'archive' && operation.early && outcome === 'failed'
      ? { failedMove: { from: site.cell, because: because ?? '', at: context.clocks.wall() } }
      : {}),
  }
  const details = { operation: operation.kind, outcome, ...(because !== undefined && { because }) }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

/** Returns the site if this attempt works on it. @throws {SitewrightError} `NotFound`, or `OperationSuperseded`: the attempt must stop. */
export const requireOperation = <Kind extends OperationKind>(
  found: Site | undefined,
  { operationId, fence }: OperationAttempt,
  kind: Kind,
): SiteUnder<Kind> => {
  const site = requireSite(found)
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

type OperatePorts = ActOnSitePorts & Pick<ActPorts, 'workflows' | 'log'>

/** Changes a site as `changeNamedSite` does, and starts the operation that the change begins. */
export const operateOnSite = async (ports: OperatePorts, act: Act, decide: DecideOnSite): Promise<Site> =>
  startOperationSoon(ports, await changeNamedSite(ports, act, decide))

export const operateOnOwnSite = async (ports: OperatePorts, act: OwnerAct, decide: DecideOnSite): Promise<Site> =>
  startOperationSoon(ports, await changeOwnSite(ports, act, decide))

export interface ReclaimPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: SiteStore
}

export const attemptContext = (
  { clocks, randomness }: ReclaimPorts,
  { operationId, fence }: OperationAttempt,
): ChangeContext => ({ actor: system, causationId: `${operationId}-${fence}`, clocks, randomness })

/** @param change undefined if a repeated task has nothing to add. @throws {SitewrightError} `VersionConflict`: the task is repeated. */
export const commitOrRepeat = async (
  { sites }: Pick<ReclaimPorts, 'sites'>,
  change: SiteChange | undefined,
): Promise<void> => {
  if (change === undefined || (await sites.commit(change)).done) return
  throw new SitewrightError('VersionConflict', `${change.after.id} was changed at the same time.`)
}
