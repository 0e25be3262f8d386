import { SitewrightError } from '../../../core/errors.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Size } from '../../../core/plan/plan.ts'
import type { Cause } from '../../../core/site/causes.ts'
import { isEnvironment } from '../../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { isSameEndpoint, nextGeneration } from '../../../core/site/location.ts'
import type { Ownership } from '../../../core/site/ownership.ts'
import { isRehearsal } from '../../../core/site/rehearsal.ts'
import {
  type ActiveSite,
  type BuildingSite,
  type BuildStep,
  buildSteps,
  type Endpoint,
  type FailedSite,
  type ReadySite,
  type Site,
} from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'
import { trialReservation } from '../claim/pooled-site.ts'
import { reasonOfCause } from '../evidence/diagnose.ts'
import { pendingHandOver } from '../hand-over/hand-over-changes.ts'

/** Returns the site if this attempt still builds it. @throws {SitewrightError} `NotFound`, or `OperationSuperseded`: the attempt must stop. */
export const requireBuilding = (site: Site | undefined, fence: number): BuildingSite => {
  if (site === undefined) throw new SitewrightError('NotFound', 'There is no such site.')
  if (site.status !== 'building' || site.operation.fence !== fence) {
    throw new SitewrightError('OperationSuperseded', `Attempt ${fence} to build ${site.id} was superseded.`)
  }
  return site
}

const completed = (site: BuildingSite, step: BuildStep, context: ChangeContext): BuildingSite['completedSteps'] =>
  site.completedSteps.some(({ name }) => name === step)
    ? site.completedSteps
    : [...site.completedSteps, { name: step, at: context.clocks.domain() }]

/** A change of a site that is being built. */
export const noted = (
  site: BuildingSite,
  step: string,
  changed: Partial<BuildingSite>,
  context: ChangeContext,
): SiteChange<BuildingSite> => {
  const after = { ...site, ...changed, version: site.version + 1 }
  return siteChange({ transition: 'advance', before: site, after, details: { step } }, context)
}

/** Completes a step. @param changed what else changes with it. */
const advance = (
  site: BuildingSite,
  step: BuildStep,
  context: ChangeContext,
  changed: Partial<BuildingSite> = {},
): SiteChange<BuildingSite> =>
  noted(site, step, { ...changed, completedSteps: completed(site, step, context) }, context)

const isCompleted = (site: BuildingSite, step: BuildStep): boolean =>
  site.completedSteps.some(({ name }) => name === step)

/** Undefined if a repeated task has nothing to add. */
export const noteStoragePrepared = (
  site: BuildingSite,
  context: ChangeContext,
): SiteChange<BuildingSite> | undefined =>
  isCompleted(site, 'storage') ? undefined : advance(site, 'storage', context)

/** Records that the product knows its owner before its first start. */
export const noteHandedOver = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> =>
  advance(site, 'storage', context, { handOver: { status: 'done', at: context.clocks.domain() } })

export const noteProblem = (site: BuildingSite, problem: string, context: ChangeContext): SiteChange<BuildingSite> =>
  noted(site, 'storage', { operation: { ...site.operation, problem } }, context)

/** Records that what a command wrote of a copy is kept, so that the copy may go. */
export const noteTaken = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> => {
  const { anonymise } = site.environmentOf ?? {}
  if (site.environmentOf === undefined || anonymise === undefined) throw new Error(`${site.id} anonymises no copy`)
  return noted(
    site,
    'archive',
    { environmentOf: { ...site.environmentOf, anonymise: { ...anonymise, taken: true } } },
    context,
  )
}

/** Records that a copy was anonymised and destroyed: what was written of it is restored into a directory of its own, and loaded. */
export const noteAnonymised = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> => {
  const { anonymise, result: archiveId } = site.environmentOf ?? {}
  if (site.environmentOf === undefined || anonymise === undefined || archiveId === undefined) {
    throw new Error(`${site.id} is no anonymised environment`)
  }
  const { anonymise: _, ...environmentOf } = site.environmentOf
  const changed = {
    generation: nextGeneration(site),
    environmentOf: { ...environmentOf, seed: anonymise.load },
    operation: { ...site.operation, from: { siteId: site.id, archiveId } },
  }
  return noted(site, 'archive', changed, context)
}

export const noteSeeded = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> =>
  advance(site, 'storage', context, { operation: { ...site.operation, seeded: true } })

/** Begins the time of a start. @param size recorded with it. */
export const timeLaunch = (site: BuildingSite, context: ChangeContext, size?: Size): SiteChange<BuildingSite> => {
  const operation = { ...site.operation, launchedAt: context.clocks.wall() }
  return advance(site, 'start', context, { operation, ...(size && { size }) })
}

/** Records the start and its size; the time counts from the first start. */
export const noteLaunch = (
  site: BuildingSite,
  context: ChangeContext,
  size?: Size,
): SiteChange<BuildingSite> | undefined => (isCompleted(site, 'start') ? undefined : timeLaunch(site, context, size))

export const noteReady = (
  site: BuildingSite,
  endpoint: Endpoint,
  context: ChangeContext,
): SiteChange<BuildingSite> | undefined => {
  if (isCompleted(site, 'ready') && isSameEndpoint(endpoint, site.endpoint)) return undefined
  return advance(site, 'ready', context, { endpoint })
}

export const retryBuild = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> => {
  const { endpoint: _, ...kept } = site
  const { launchedAt: __, checking: ___, stepAt: ____, durations: _____, problem: ______, ...before } = site.operation
  const { command, from, seeded, ...operation } = before
  const isFilled = seeded && from === undefined
  // What an earlier attempt restored or migrated is in a directory of its own.
  const restored = from && { from, ...(command && { command: 'due' as const }) }
  const after: BuildingSite = {
    ...kept,
    version: site.version + 1,
    completedSteps: [],
    // Nor does a command fill the same data twice.
    ...((from || (site.environmentOf?.seed && !isFilled)) && { generation: nextGeneration(site) }),
    operation: {
      ...operation,
      ...restored,
      ...(isFilled && { seeded }),
      fence: operation.fence + 1,
      startedAt: context.clocks.wall(),
    },
  }
  return siteChange({ transition: 'retry', before: site, after }, context)
}

/** What a rehearsal keeps of its build. */
const builtAs = ({ rehearsalOf, operation: { durations } }: BuildingSite) =>
  rehearsalOf && { rehearsalOf: { ...rehearsalOf, ...(durations && { durations }) } }

/** What an environment keeps of its build. */
const openedAs = ({ environmentOf, generation }: BuildingSite) => {
  if (environmentOf === undefined) return {}
  const { seed: _, ...filled } = environmentOf
  return { environmentOf: { ...filled, ...(generation > 1 && { opened: generation }) } }
}

/** Gives the site to its owner, whose trial starts now, or to the pool. */
export const finishBuild = (
  site: BuildingSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<ActiveSite> | SiteChange<ReadySite> => {
  const { operation: _, draft: __, ownership, endpoint, imported, ...kept } = site
  if (endpoint === undefined && site.startsAtClaim === undefined) {
    throw new SitewrightError('SiteNotReady', `${site.id} cannot be opened before it has an address.`)
  }
  const now = context.clocks.domain()
  const finished = {
    ...kept,
    version: site.version + 1,
    completedSteps: completed(site, 'open', context),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
  if (ownership === undefined) {
    const after: ReadySite = { ...finished, status: 'ready', readyAt: now }
    return siteChange({ transition: 'stock', before: site, after, details: { step: 'open' } }, context)
  }
  const { begins, detail } = pendingHandOver(site, context)
  const rehearsalOf = builtAs(site)?.rehearsalOf
  const after: ActiveSite = {
    ...finished,
    ...begins,
    ...(rehearsalOf && { rehearsalOf: { ...rehearsalOf, passedAt: now } }),
    ...openedAs(site),
    status: 'active',
    policyVersion: policy.version,
    ownership,
    trialEndsAt: imported?.trialEndsAt ?? plusDays(now, policy.trialDays),
    reminded: [],
    extensionsUsed: 0,
    archives: imported === undefined ? [] : [imported.archive],
    ...(imported?.contract && { contract: imported.contract }),
  }
  return siteChange({ transition: 'open', before: site, after, details: { step: 'open', ...detail } }, context)
}

/** What is built from an archive uses no trial, but an environment has a place. */
const reservationOf = (site: BuildingSite, ownership: Ownership) =>
  site.operation.from !== undefined && !isEnvironment(site)
    ? { hostname: ownership.hostname }
    : trialReservation(ownership)

/** Frees the hostname and gives the account its trial back. */
export const failBuild = (
  site: BuildingSite,
  failure: { readonly step: BuildStep; readonly reason: string; readonly cause?: Cause },
  context: ChangeContext,
): SiteChange<FailedSite> => {
  const { operation: _, endpoint: __, startsAtClaim: ___, ownership, ...kept } = site
  const after: FailedSite = {
    ...kept,
    // An account that is erased does not find its rehearsals.
    ...(ownership === undefined || isRehearsal(site) ? {} : { ownership }),
    ...builtAs(site),
    status: 'failed',
    version: site.version + 1,
    failure: { ...failure, at: context.clocks.domain() },
  }
  const release = ownership && { release: reservationOf(site, ownership) }
  return siteChange({ transition: 'fail', before: site, after, details: { step: failure.step }, ...release }, context)
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['RuntimeUnavailable', 'Our servers could not be reached.'],
  ['BlueprintUnavailable', 'The software of the site is not available at the moment.'],
  ['ArchiveDamaged', 'The copy of the data is damaged.'],
  ['ArchivingFailed', 'The data could not be copied or restored.'],
  ['BlueprintUnknown', 'The software of the site was not found.'],
])

const reasonFor = (errorName: string, step: BuildStep): string => {
  if (errorName !== 'LaunchFailed' && errorName !== 'SiteNotReady')
    return reasons.get(errorName) ?? 'Something went wrong on our side.'
  return step === 'ready' ? 'It started, but did not answer in time.' : 'It could not be started.'
}

/** The failed step, and a reason for the owner. */
export const buildFailure = (
  site: BuildingSite,
  errorName: string,
  cause: Cause = 'unknown',
): { step: BuildStep; reason: string; cause?: Cause } => {
  const step = buildSteps.find((candidate) => site.completedSteps.every(({ name }) => name !== candidate)) ?? 'open'
  const reason = site.operation.problem ?? (step === 'ready' ? reasonOfCause[cause] : undefined)
  return { step, reason: reason ?? reasonFor(errorName, step), ...(site.operation.from && { cause }) }
}
