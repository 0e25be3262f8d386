import type { Cause } from '../../../core/site/causes.ts'
import { isEnvironment } from '../../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { Ownership } from '../../../core/site/ownership.ts'
import { isRehearsal } from '../../../core/site/rehearsal.ts'
import { type BuildingSite, type BuildStep, buildSteps, type FailedSite } from '../../../core/site/site.ts'
import { trialReservation } from '../claim/pooled-site.ts'
import { reasonOfCause } from '../evidence/diagnose.ts'
import { builtAs } from './build-changes.ts'

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

const unanswered = 'It started, but did not answer in time.'
const unstarted = 'It could not be started.'
const unexplained = 'Something went wrong on our side.'

/** All reasons that an owner can read in a mail. */
export const buildReasons: readonly string[] = [
  ...reasons.values(),
  ...Object.values(reasonOfCause).filter((reason) => reason !== undefined),
  ...[unanswered, unstarted, unexplained],
]

const reasonFor = (errorName: string, step: BuildStep): string => {
  if (errorName !== 'LaunchFailed' && errorName !== 'SiteNotReady') return reasons.get(errorName) ?? unexplained
  return step === 'ready' ? unanswered : unstarted
}

export const buildFailure = (
  site: BuildingSite,
  errorName: string,
  cause: Cause = 'unknown',
): { step: BuildStep; reason: string; cause?: Cause } => {
  const step = buildSteps.find((candidate) => site.completedSteps.every(({ name }) => name !== candidate)) ?? 'open'
  const reason = site.operation.problem ?? (step === 'ready' ? reasonOfCause[cause] : undefined)
  return { step, reason: reason ?? reasonFor(errorName, step), ...(site.operation.from && { cause }) }
}
