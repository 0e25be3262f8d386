import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { SiteUnder } from '../operation-changes.ts'
import type { ActiveSite, Deletion, SuspendedSite, SuspensionReason } from '../site.ts'

interface Suspension {
  readonly because: SuspensionReason
  /** An operator's words. */
  readonly reason?: string
  readonly deletion?: Deletion
}

/**
 * Suspends a site, its data in place. What runs of it is stopped by the operation that stays under way: the one that asks,
 * or a new one.
 */
export const suspendSite = (
  site: ActiveSite | (ActiveSite & SiteUnder<'suspend'>),
  { because, reason, deletion }: Suspension,
  context: ChangeContext,
): SiteChange<SuspendedSite> => {
  const {
    endpoint: _,
    storage: __,
    storageSince: ___,
    reprievedUntil: ____,
    size: _____,
    resizeNotBefore: ______,
    operation,
    ...kept
  } = site
  const version = site.version + 1
  const after: SuspendedSite = {
    ...kept,
    status: 'suspended',
    version,
    suspendedAt: context.clocks.domain(),
    suspendedBecause: because,
    ...(deletion === undefined ? {} : { deletion }),
    // A copy under way is given up: its tasks find that it is no longer wanted.
    operation:
      operation?.kind === 'suspend'
        ? operation
        : { id: `suspend-site-${site.id}-${version}`, fence: 1, startedAt: context.clocks.wall(), kind: 'suspend' },
  }
  return siteChange(
    { transition: 'suspend', before: site, after, details: { because, ...(reason === undefined ? {} : { reason }) } },
    context,
  )
}
