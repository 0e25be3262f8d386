import type * as z from 'zod'
import type { Instant } from '../../core/instant.ts'
import { germanOf } from '../../core/mail/mail-words.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import { type EnvironmentOf, endOfEnvironment, isEnvironment } from '../../core/site/environment.ts'
import { type LifeStep, nextDestructiveStep, nextLifeStep } from '../../core/site/next-step.ts'
import { isPlanChange } from '../../core/site/operation.ts'
import { holdsPlace, type Ownership } from '../../core/site/ownership.ts'
import {
  type FailedSite,
  isKept,
  isLive,
  type KeptSite,
  ownershipOf,
  type Site,
  type SuspensionReason,
} from '../../core/site/site.ts'
import { progressOf, wayAfterFailure } from '../../core/site/site-facts.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { canOwnerRevoke } from '../endings/delete-site.ts'
import { relocationView } from '../relocations/relocation-view.ts'
import { sleepMinutesOf } from '../sleep/choose-sleep.ts'
import type { siteViewSchema } from './answers.ts'
import type { BuildEstimate } from './pool/build-times.ts'

const untouched = {
  nextStep: null,
  suspended: null,
  archived: null,
  deletion: null,
  deletionDays: null,
  extension: null,
  operation: null,
  storage: null,
  downSince: null,
  relocation: null,
} as const

/** A place, such as one in an allowance, is no trial. */
const ownTrialOf = (ownership: Ownership) => (holdsPlace(ownership) ? null : (ownership.trialOf ?? null))

/** To restore a copy is an upgrade to what the copy has, and another plan may be one to another size. A way back is no restore that somebody asked for. */
const operationName = (operation: KeptSite['operation']) => {
  if (isPlanChange(operation)) return 'resize' as const
  return operation?.kind === 'upgrade' && operation.copy?.restores !== undefined && !operation.relocates
    ? ('restore-copy' as const)
    : (operation?.kind ?? null)
}

const purgeAt = (site: Site, policy: TrialPolicy): Instant | null => {
  const next = nextDestructiveStep(site, policy)
  return next?.step === 'purge' ? next.dueAt : null
}

/** A step of a site's life with its time; null without one. The ends of rehearsals and environments are shown with these. */
export const stepView = (next: LifeStep | undefined) =>
  next === undefined || next.step === 'end-rehearsal' || next.step === 'end-environment'
    ? null
    : { step: next.step, at: next.dueAt }

const handOverView = ({ handOver }: Site) => {
  if (handOver === undefined) return null
  const at = handOver.status === 'pending' ? null : handOver.at
  const failed = handOver.status === 'failed' ? handOver : undefined
  return { status: handOver.status, at, reason: failed?.reason ?? null, answer: failed?.answer ?? null }
}

const downSince = (site: KeptSite): Instant | null =>
  (site.status === 'active' && site.endpoint === undefined && site.down?.since) || null

/** Why a site does not run: what its owner can do depends on the subscription now. One that is paused can only be continued by us. */
const reasonNow = <Reason extends SuspensionReason | undefined>({ billing }: KeptSite, because: Reason) => {
  if (because !== 'payment-overdue' && because !== 'subscription-ended') return because
  if (billing?.state === 'paused') return 'subscription-paused' as const
  return billing?.state === 'ended' ? ('subscription-ended' as const) : because
}

export const lifeView = (site: Site, { plans, policies }: Pick<Context, 'plans' | 'policies'>) => {
  const policy = policies.of(site)
  if (!isKept(site)) {
    const operation = site.status === 'purged' ? (site.operation?.kind ?? null) : null
    return { ...untouched, operation, handOver: handOverView(site), credentials: site.credentials ?? null }
  }
  const { extensionsUsed, plan, operation, contract } = site
  const deletion = isLive(site) ? undefined : site.deletion
  return {
    nextStep: stepView(nextLifeStep(site, policy)),
    suspended:
      site.status === 'suspended' ? { at: site.suspendedAt, because: reasonNow(site, site.suspendedBecause) } : null,
    archived:
      site.status === 'archived'
        ? {
            at: site.archivedAt,
            purgeAt: purgeAt(site, policy),
            because: reasonNow(site, site.suspendedBecause) ?? null,
          }
        : null,
    deletion:
      deletion === undefined
        ? null
        : { requestedAt: deletion.requestedAt, purgeAt: purgeAt(site, policy), revocable: canOwnerRevoke(deletion) },
    deletionDays: policy.deletionDays,
    extension:
      isTrialPlan(plan) && contract === undefined
        ? {
            left: Math.max(0, policy.ownerExtensions - extensionsUsed),
            used: extensionsUsed,
            days: policy.extensionDays,
          }
        : null,
    operation: operationName(operation),
    storage: (isLive(site) ? site.storage : undefined) ?? null,
    downSince: downSince(site),
    relocation: relocationView(site, plans),
    handOver: handOverView(site),
    credentials: site.credentials ?? null,
  }
}

const environmentView = (site: Site & { readonly environmentOf: EnvironmentOf }) => {
  const { siteId, name, branch = null, hasProductionData = false } = site.environmentOf
  return { siteId, name, branch, endsAt: endOfEnvironment(site) ?? null, hasProductionData }
}

const failureView = (site: FailedSite) => {
  const { reason, at } = site.failure
  return { reason, reasonInGerman: germanOf(reason) ?? null, again: wayAfterFailure(site), at }
}

export type SiteView = z.infer<typeof siteViewSchema>

export type SiteViewPorts = Pick<Context, 'plans' | 'policies' | 'siteUrl'>

/** A site as its owner sees it; undefined for a site of the pool. */
export const siteView = (
  site: Site,
  { plans, policies, siteUrl }: SiteViewPorts,
  estimate?: BuildEstimate,
): SiteView | undefined => {
  const ownership = ownershipOf(site)
  if (ownership === undefined || site.status === 'ready') return undefined
  // The plan of a site that has ended may be gone.
  const plan = plans.plans.find(({ id }) => id === site.plan)
  const { percent, steps } = progressOf(site)
  const { slug, hostname, name } = ownership
  return {
    id: site.id,
    ...{ slug, hostname, name, trialOf: ownTrialOf(ownership) },
    url: siteUrl(hostname),
    mainUrl: siteUrl((isKept(site) ? site.urlHostname : undefined) ?? hostname),
    status: site.status,
    plan: site.plan,
    planName: plan?.name ?? site.plan,
    features: [...(plan?.features ?? [])],
    trialEndsAt: isKept(site) && isTrialPlan(site.plan) && site.contract === undefined ? site.trialEndsAt : null,
    // A site of the pool is older than its ownership.
    createdAt: ownership.since,
    blueprint: site.blueprint,
    sleepAfterMinutes: isKept(site) && plan ? (sleepMinutesOf(site, plan) ?? null) : null,
    ownersOnly: isKept(site) && site.ownersOnly === true,
    progress: { percent, steps: [...steps], estimate: estimate ?? null },
    ...(isEnvironment(site) && { environment: environmentView(site) }),
    ...lifeView(site, { plans, policies }),
    ...(site.status === 'failed' && { failure: failureView(site) }),
  }
}
