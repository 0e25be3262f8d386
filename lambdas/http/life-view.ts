import type { Instant } from '../../core/instant.ts'
import { canOwnerRevoke } from '../../core/site/end/deletion.ts'
import { nextDestructiveStep, nextStep } from '../../core/site/next-step.ts'
import type { Site } from '../../core/site/site.ts'
import { isKept } from '../../core/site/site.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'

const untouched = {
  nextStep: null,
  suspended: null,
  archived: null,
  deletion: null,
  deletionDays: null,
  extension: null,
  operation: null,
  storage: null,
} as const

const purgeAt = (site: Site, policy: TrialPolicy): Instant | null => {
  const next = nextDestructiveStep(site, policy)
  return next?.step === 'purge' ? next.dueAt : null
}

const nextOf = (site: Site, policy: TrialPolicy) => {
  const next = nextStep(site, policy)
  return next === undefined ? null : { step: next.step, at: next.dueAt }
}

/** Everything in it comes from the facts and the one clock of the site. */
export const lifeView = (site: Site, policy: TrialPolicy) => {
  if (!isKept(site)) {
    return { ...untouched, operation: site.status === 'purged' ? (site.operation?.kind ?? null) : null }
  }
  const { extensionsUsed, plan, operation } = site
  const deletion = site.status === 'active' ? undefined : site.deletion
  return {
    nextStep: nextOf(site, policy),
    suspended: site.status === 'suspended' ? { at: site.suspendedAt, because: site.suspendedBecause } : null,
    archived: site.status === 'archived' ? { at: site.archivedAt, purgeAt: purgeAt(site, policy) } : null,
    deletion:
      deletion === undefined
        ? null
        : {
            requestedAt: deletion.requestedAt,
            purgeAt: purgeAt(site, policy),
            revocable: canOwnerRevoke(deletion),
          },
    deletionDays: policy.deletionDays,
    extension:
      plan === 'trial'
        ? { left: Math.max(0, policy.ownerExtensions - extensionsUsed), days: policy.extensionDays }
        : null,
    operation: operation?.kind ?? null,
    storage: (site.status === 'active' ? site.storage : undefined) ?? null,
  }
}
