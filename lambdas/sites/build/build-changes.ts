import { SitewrightError } from '../../../core/errors.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Size } from '../../../core/plan/plan.ts'
import { type ChangeContext, pendingHandOver, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { isSameEndpoint, nextGeneration } from '../../../core/site/location.ts'
import type { ActiveSite, BuildingSite, BuildStep, Endpoint, ReadySite, Site } from '../../../core/site/site.ts'
import type { TrialPolicy } from '../../../core/site/trial-policy.ts'

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
  const after = { ...site, ...changed }
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

/** What a rehearsal keeps of its build, however that ends. */
export const builtAs = ({ rehearsalOf, operation: { durations } }: BuildingSite) =>
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
