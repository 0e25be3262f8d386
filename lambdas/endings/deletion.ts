import { SitewrightError } from '../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import { type ChangeContext, requireTransition, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { beginOperation, begun, keptOperation, requireIdle, type SiteUnder } from '../../core/site/operation-changes.ts'
import {
  type ArchivedSite,
  type Deletion,
  isLive,
  type KeptSite,
  type PurgedSite,
  type Site,
  type SuspendedSite,
} from '../../core/site/site.ts'

type StoppedSite = SuspendedSite | ArchivedSite

const changed = (
  site: StoppedSite,
  transition: 'requestDeletion' | 'revokeDeletion' | 'requestPurge',
  facts: { readonly deletion?: Deletion; readonly purgeRequest?: StoppedSite['purgeRequest'] & object },
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange => {
  const { operation: _, deletion: __, purgeRequest: ___, reprievedUntil: ____, ...kept } = site
  const after = { ...kept, ...keptOperation(site), ...facts, version: site.version + 1 }
  return siteChange({ transition, before: site, after, details }, context)
}

/** The site is purged some days later unless the owner revokes it. */
export const requestDeletion = (site: StoppedSite, context: ChangeContext): SiteChange =>
  changed(site, 'requestDeletion', { deletion: { requestedAt: context.clocks.domain(), by: 'owner' } }, context)

/** Operators' deletions are not the owner's to revoke. */
export const canOwnerRevoke = ({ by }: Deletion): boolean => by === 'owner'

/** @throws {SitewrightError} `TransitionNotAllowed` if there is no deletion. */
export const revokeDeletion = (site: StoppedSite, context: ChangeContext): SiteChange => {
  if (site.deletion === undefined) {
    throw new SitewrightError('TransitionNotAllowed', 'This site is not scheduled for deletion.')
  }
  const change = changed(site, 'revokeDeletion', {}, context)
  if (change.after.status !== 'archived') return change
  // The deadline counts again and may have passed, so the owner is warned again.
  return { ...change, after: { ...change.after, warned: [] } }
}

/** Begins the operation that `purge-site` carries out. The data stays until the gate has been asked. */
export const beginPurge = (site: StoppedSite, context: ChangeContext): SiteChange<StoppedSite> =>
  beginOperation(site, { ...site, operation: { ...begun(site, 'purge', context), kind: 'purge' } }, context)

export interface PurgeWish {
  readonly operatorId: string
  readonly reason: string
}

/** The first of two operators requests the purge. */
export const requestPurge = (
  site: StoppedSite,
  { operatorId, reason }: PurgeWish,
  context: ChangeContext,
): SiteChange => {
  const facts = {
    ...(site.deletion === undefined ? {} : { deletion: site.deletion }),
    purgeRequest: { operatorId, at: context.clocks.domain() },
  }
  return changed(site, 'requestPurge', facts, context, { reason })
}

/** The second operator agrees; only the gate remains. */
export const confirmPurge = (site: StoppedSite, reason: string, context: ChangeContext): SiteChange => {
  const { operation: _, purgeRequest: __, reprievedUntil: ___, ...kept } = site
  const after = {
    ...kept,
    version: site.version + 1,
    deletion: { requestedAt: context.clocks.domain(), by: 'operators' as const },
    operation: { ...begun(site, 'purge', context), kind: 'purge' as const },
  }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'purge', reason } }, context)
}

/** In milliseconds. */
const validity = 24 * 60 * 60_000

export const purgeRequestEnds = ({ at }: { readonly at: Instant }): Instant => plusMilliseconds(at, validity)

const requirePurgeable = (site: Site): StoppedSite => {
  requireTransition('purge', site)
  if (site.status !== 'suspended' && site.status !== 'archived') throw new Error(`${site.id} cannot be purged`)
  if (site.heldSince === undefined) return site
  throw new SitewrightError('TransitionNotAllowed', 'This site is on hold. End the hold before you purge it.')
}

/**
 * Decides on an operator's wish to purge a site: the first is a request, another operator's within 24 hours confirms it.
 * Waits for another operation, unless the clock began it and it is not committed.
 * @returns undefined if two operators have agreed before.
 * @throws {SitewrightError} `TransitionNotAllowed` if it runs, is on hold, or the same operator asks again;
 *   `OperationInProgress`.
 */
export const decideOnPurge = (found: Site, wish: PurgeWish, context: ChangeContext): SiteChange | undefined => {
  const site = requirePurgeable(found)
  if (site.deletion?.by === 'operators') return undefined
  if (keptOperation(site).operation !== undefined) requireIdle(site)
  const until = site.purgeRequest && purgeRequestEnds(site.purgeRequest)
  if (until === undefined || until <= context.clocks.domain()) return requestPurge(site, wish, context)
  if (site.purgeRequest?.operatorId !== wish.operatorId) return confirmPurge(site, wish.reason, context)
  throw new SitewrightError(
    'TransitionNotAllowed',
    `You have requested this already. Another operator must confirm it by ${until}.`,
  )
}

/** Leaves a tombstone that keeps the hostname. The operation ends when nothing is left. */
export const purgeSite = (
  site: StoppedSite & SiteUnder<'purge'>,
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
    // What a late upgrade leaves is known, and removed.
    ...(site.generationsUsed === undefined ? {} : { generationsUsed: site.generationsUsed }),
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
  if (isLive(site)) return site
  const { deletion: _, purgeRequest: __, ...kept } = site
  return kept
}
