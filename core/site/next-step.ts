import type { Instant } from '../instant.ts'
import { plusDays } from '../instant.ts'
import type { ActiveSite, Site } from './site.ts'
import type { TrialPolicy } from './trial-policy.ts'

/** What time will do to a site next, if nobody acts before. */
export type NextStep =
  | { readonly step: 'remind'; readonly daysBefore: number; readonly dueAt: Instant }
  | { readonly step: 'suspend' | 'archive' | 'purge'; readonly dueAt: Instant }

const nextReminder = (site: ActiveSite, policy: TrialPolicy): number | undefined => {
  // A reminder that a later one has overtaken is not sent after it.
  const nearestSent = Math.min(Number.POSITIVE_INFINITY, ...site.reminded)
  return policy.reminderDaysBefore.filter((days) => days < nearestSent).toSorted((a, b) => b - a)[0]
}

/**
 * The one clock of a site: a pure function of its facts and of the policy it lives under. Everything that shows or acts
 * on a deadline asks here; `dueAt` is stored for an index and for nothing else.
 */
export const nextStep = (site: Site, policy: TrialPolicy): NextStep | undefined => {
  switch (site.status) {
    case 'active': {
      if (site.plan !== 'trial') return undefined
      const daysBefore = nextReminder(site, policy)
      return daysBefore === undefined
        ? { step: 'suspend', dueAt: site.trialEndsAt }
        : { step: 'remind', daysBefore, dueAt: plusDays(site.trialEndsAt, -daysBefore) }
    }
    case 'suspended':
      return { step: 'archive', dueAt: plusDays(site.suspendedAt, policy.graceDays) }
    case 'archived':
      return { step: 'purge', dueAt: plusDays(site.archivedAt, policy.retentionDays) }
    case 'building':
    case 'ready':
    case 'failed':
    case 'purged':
      return undefined
  }
}
