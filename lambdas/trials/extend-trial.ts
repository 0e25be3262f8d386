import { refuse, SitewrightError } from '../../core/errors.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import {
  type Act,
  type ActPorts,
  changeNamedSite,
  changeOwnSite,
  type OwnerAct,
  requireKept,
} from '../../core/site/change-site.ts'
import { type ChangeContext, keptOperation, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { passedReminders, unwarned } from '../../core/site/next-step.ts'
import { isLive, type KeptSite, type Site } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'

/** An extension counts from the later of now and the present end. */
const extendedFrom = ({ trialEndsAt }: KeptSite, now: Instant): Instant => (trialEndsAt > now ? trialEndsAt : now)

export const hasExtensionLeft = (site: KeptSite, policy: TrialPolicy): boolean =>
  isTrialPlan(site.plan) && site.extensionsUsed < policy.ownerExtensions

export const ownerExtension = (site: KeptSite, policy: TrialPolicy, now: Instant) => ({
  trialEndsAt: plusDays(extendedFrom(site, now), policy.extensionDays),
  extensionsUsed: site.extensionsUsed + 1,
})

const withEnd = (
  site: KeptSite,
  facts: { readonly trialEndsAt: Instant; readonly extensionsUsed: number },
  policy: TrialPolicy,
  context: ChangeContext,
  details: { readonly reason?: string },
): SiteChange => {
  const { operation: _, reprievedUntil: __, ...kept } = site
  const now = context.clocks.domain()
  const after = {
    ...kept,
    ...keptOperation(site),
    ...facts,
    reminded: passedReminders(facts.trialEndsAt, policy, now),
    ...unwarned(site),
  }
  const said = { trialEndsAt: facts.trialEndsAt, ...details }
  return siteChange({ transition: 'extend', before: site, after, details: said }, context)
}

const requireTrial = (site: KeptSite): void => {
  if (!isTrialPlan(site.plan)) refuse('Only a trial can be extended.')
}

/** Does not resume the site. @throws {SitewrightError} `ExtensionUsed`, `TransitionNotAllowed` unless it is a trial that no operator suspended. */
export const extendByOwner = (site: KeptSite, policy: TrialPolicy, context: ChangeContext): SiteChange => {
  requireTrial(site)
  if (!isLive(site) && site.suspendedBecause === 'operator') {
    return refuse('We have suspended this site. Contact us about it.')
  }
  if (!hasExtensionLeft(site, policy)) {
    // A policy may allow none.
    const why = site.extensionsUsed === 0 ? 'This trial cannot be extended.' : 'The trial was extended already.'
    throw new SitewrightError('ExtensionUsed', `${why} Choose a plan, or contact us.`)
  }
  return withEnd(site, ownerExtension(site, policy, context.clocks.domain()), policy, context, {})
}

/** @throws {SitewrightError} `TransitionNotAllowed` unless it is a trial. */
export const extendByOperator = (
  site: KeptSite,
  { milliseconds, reason }: { readonly milliseconds: number; readonly reason: string },
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange => {
  requireTrial(site)
  const trialEndsAt = plusMilliseconds(extendedFrom(site, context.clocks.domain()), milliseconds)
  return withEnd(site, { trialEndsAt, extensionsUsed: site.extensionsUsed }, policy, context, { reason })
}

/**
 * Uses the owner's extension; does not resume the site. @throws {SitewrightError} `NotFound`, `ExtensionUsed`,
 * `TransitionNotAllowed`.
 */
export const extendOwnTrial = (ports: ActPorts, act: OwnerAct): Promise<Site> =>
  changeOwnSite(ports, act, (site, context) => extendByOwner(requireKept(site), ports.policies.of(site), context))

/** Extends a trial; does not resume the site. @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const extendAsOperator = (
  ports: ActPorts,
  act: Act,
  extension: { readonly milliseconds: number; readonly reason: string },
): Promise<Site> =>
  changeNamedSite(ports, act, (site, context) =>
    extendByOperator(requireKept(site), extension, ports.policies.of(site), context),
  )
