import { refuse, SitewrightError } from '../../core/errors.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { isEntitled } from '../../core/site/next-step.ts'
import type { ArchivedSite, SuspendedSite } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { hasExtensionLeft, ownerExtension } from '../trials/extend-trial.ts'

export type TrialFacts = Pick<SuspendedSite, 'trialEndsAt' | 'extensionsUsed'>

const nameOf = ({ plan, billing }: SuspendedSite | ArchivedSite): string =>
  billing === undefined || isTrialPlan(plan) ? 'trial' : 'subscription'

/**
 * Returns what the owner's resume costs: nothing while the site is entitled, otherwise the extension.
 * @throws {SitewrightError} `PaymentRequired` if no extension is left, `TransitionNotAllowed` if an operator suspended it or its subscription is paused.
 */
export const termsOfOwner = (
  site: SuspendedSite | ArchivedSite,
  policy: TrialPolicy,
  { clocks }: ChangeContext,
): TrialFacts => {
  if (site.suspendedBecause === 'operator') return refuse('We have suspended this site. Contact us about it.')
  if (site.suspendedBecause === 'moved') {
    return refuse('This site has moved to another installation. Contact us about it.')
  }
  const { trialEndsAt, extensionsUsed } = site
  if (isEntitled(site, policy, clocks.domain())) return { trialEndsAt, extensionsUsed }
  if (hasExtensionLeft(site, policy)) return ownerExtension(site, policy, clocks.domain())
  if (site.billing?.state === 'paused') {
    return refuse('The subscription of this site is paused. Contact us to continue it.')
  }
  throw new SitewrightError(
    'PaymentRequired',
    `The ${nameOf(site)} of this site has ended. Choose a plan to resume it.`,
  )
}

/** An operator must extend an ended trial first. @throws {SitewrightError} `TransitionNotAllowed`. */
export const termsOfOperator = (
  site: SuspendedSite | ArchivedSite,
  policy: TrialPolicy,
  { clocks }: ChangeContext,
): TrialFacts => {
  const { trialEndsAt, extensionsUsed } = site
  if (isEntitled(site, policy, clocks.domain())) return { trialEndsAt, extensionsUsed }
  const way = isTrialPlan(site.plan) ? 'extend it first, or give it a plan' : 'give it another plan first'
  return refuse(`The ${nameOf(site)} of this site has ended: ${way}.`)
}
