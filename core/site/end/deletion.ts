import { SitewrightError } from '../../errors.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { SiteUnder } from '../operation-changes.ts'
import { keptOperation } from '../operation-changes.ts'
import type { ArchivedSite, Deletion, KeptSite, PurgedSite, SuspendedSite } from '../site.ts'

type Sleeping = SuspendedSite | ArchivedSite

const changed = (
  site: Sleeping,
  transition: 'requestDeletion' | 'revokeDeletion' | 'requestPurge',
  facts: { readonly deletion?: Deletion; readonly purgeRequest?: Sleeping['purgeRequest'] & object },
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange => {
  const { operation: _, deletion: __, purgeRequest: ___, reprievedUntil: ____, ...kept } = site
  const after = { ...kept, ...keptOperation(site), ...facts, version: site.version + 1 }
  return siteChange({ transition, before: site, after, details }, context)
}

/** The site is purged some days later unless the owner revokes it. */
export const requestDeletion = (site: Sleeping, context: ChangeContext): SiteChange =>
  changed(site, 'requestDeletion', { deletion: { requestedAt: context.clocks.domain(), by: 'owner' } }, context)

/** Operators' deletions are not the owner's to revoke. */
export const canOwnerRevoke = ({ by }: Deletion): boolean => by === 'owner'

/** @throws {SitewrightError} `TransitionNotAllowed` if there is no deletion. */
export const revokeDeletion = (site: Sleeping, context: ChangeContext): SiteChange => {
  if (site.deletion === undefined) {
    throw new SitewrightError('TransitionNotAllowed', 'This site is not scheduled for deletion.')
  }
  const change = changed(site, 'revokeDeletion', {}, context)
  if (change.after.status !== 'archived') return change
  // The deadline counts again and may have passed, so the owner is warned again.
  return { ...change, after: { ...change.after, warned: [] } }
}

/** The first of two operators requests the purge. */
export const requestPurge = (
  site: Sleeping,
  { operatorId, reason }: { readonly operatorId: string; readonly reason: string },
  context: ChangeContext,
): SiteChange => {
  const facts = {
    ...(site.deletion === undefined ? {} : { deletion: site.deletion }),
    purgeRequest: { operatorId, at: context.clocks.domain() },
  }
  return changed(site, 'requestPurge', facts, context, { reason })
}

/** The second operator agrees; only the gate remains. */
export const confirmPurge = (site: Sleeping, reason: string, context: ChangeContext): SiteChange => {
  const { operation: _, purgeRequest: __, reprievedUntil: ___, ...kept } = site
  const version = site.version + 1
  const after = {
    ...kept,
    version,
    deletion: { requestedAt: context.clocks.domain(), by: 'operators' as const },
    operation: {
      id: `purge-site-${site.id}-${version}`,
      kind: 'purge' as const,
      fence: 1,
      startedAt: context.clocks.wall(),
    },
  }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'purge', reason } }, context)
}

/** Leaves a tombstone that keeps the hostname. The operation ends when nothing is left. */
export const purgeSite = (
  site: (SuspendedSite | ArchivedSite) & SiteUnder<'purge'>,
  context: ChangeContext,
  details: { readonly reason?: string; readonly because?: string } = {},
): SiteChange<PurgedSite> => {
  const { schemaVersion, id, cell, plan, blueprint, policyVersion, createdAt, completedSteps, generation } = site
  const after: PurgedSite = {
    schemaVersion,
    id,
    cell,
    plan,
    blueprint,
    policyVersion,
    createdAt,
    completedSteps,
    generation,
    status: 'purged',
    version: site.version + 1,
    ownership: site.ownership,
    purgedAt: context.clocks.domain(),
    operation: site.operation,
    ...(site.billing === undefined ? {} : { billing: site.billing }),
    ...(site.returned === undefined ? {} : { returned: site.returned }),
  }
  return siteChange({ transition: 'purge', before: site, after, details }, context)
}

/** A payment drops an earlier deletion. */
export const withoutDeletion = (site: KeptSite): KeptSite => {
  if (site.status === 'active') return site
  const { deletion: _, purgeRequest: __, ...kept } = site
  return kept
}
