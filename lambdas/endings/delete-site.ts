import { SitewrightError } from '../../core/errors.ts'
import { isEnvironment, refuseEnvironment } from '../../core/site/environment.ts'
import {
  type ChangeContext,
  keptOperation,
  type Reservations,
  type SiteChange,
  siteChange,
} from '../../core/site/lifecycle.ts'
import { holdsPlace, type Ownership } from '../../core/site/ownership.ts'
import {
  type ArchivedSite,
  type Deletion,
  isKept,
  isLive,
  type KeptSite,
  type SuspendedSite,
} from '../../core/site/site.ts'

export type StoppedSite = SuspendedSite | ArchivedSite

export const changed = (
  site: StoppedSite,
  transition: 'requestDeletion' | 'revokeDeletion' | 'requestPurge',
  facts: { readonly deletion?: Deletion; readonly purgeRequest?: StoppedSite['purgeRequest'] & object },
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange => {
  const { operation: _, deletion: __, purgeRequest: ___, reprievedUntil: ____, ...kept } = site
  const after = { ...kept, ...keptOperation(site), ...facts }
  return siteChange({ transition, before: site, after, details }, context)
}

/** What a site gives back with its place; nothing without one. */
export const placeHeldBy = ({ accountId: trial, trialOf = '' }: Ownership): Pick<Reservations, 'trial' | 'trialOf'> =>
  holdsPlace({ trialOf }) ? { trial, trialOf } : {}

/**
 * A deletion that is not only that of the production with it: an environment frees its place for another one at once, and has to get one again
 * before it runs. Other sites keep theirs until their purge.
 */
export const freeingPlace = (change: SiteChange | undefined): SiteChange | undefined => {
  if (change === undefined || !isEnvironment(change.after) || !isKept(change.after)) return change
  const { ownership: held, environmentOf: known } = change.after
  const [{ trialOf: _, ...ownership }, { follows, ...environmentOf }] = [held, known]
  // From now on it is down by its deletion, whatever its production was suspended for.
  const because = follows && { suspendedBecause: 'owner-deletion' as const }
  return { ...change, after: { ...change.after, ...because, ownership, environmentOf }, release: placeHeldBy(held) }
}

/** @throws {SitewrightError} `TransitionNotAllowed` for a deleted environment, which gets a place again by its name. */
export const requirePlace = (site: KeptSite): void => {
  if (site.ownership.trialOf === undefined)
    refuseEnvironment(site, 'is restored by its name, which gives it a place again')
}

/** The site is purged some days later unless the owner revokes it. */
export const requestDeletion = (
  site: StoppedSite,
  context: ChangeContext,
  mark: Pick<Deletion, 'withAccount'> = {},
): SiteChange =>
  changed(
    site,
    'requestDeletion',
    { deletion: { requestedAt: context.clocks.domain(), by: 'owner', ...mark } },
    context,
  )

/** Operators' deletions are not the owner's to revoke. */
export const canOwnerRevoke = ({ by }: Deletion): boolean => by === 'owner'

export const notDeleted = (): SitewrightError =>
  new SitewrightError('TransitionNotAllowed', 'This site is not scheduled for deletion.')

/** @throws {SitewrightError} `TransitionNotAllowed` if there is no deletion. */
export const revokeDeletion = (site: StoppedSite, context: ChangeContext): SiteChange => {
  if (site.deletion === undefined) throw notDeleted()
  const change = changed(site, 'revokeDeletion', {}, context)
  if (change.after.status !== 'archived') return change
  // The deadline counts again and may have passed, so the owner is warned again.
  return { ...change, after: { ...change.after, warned: [] } }
}

/** A payment drops an earlier deletion. */
export const withoutDeletion = (site: KeptSite): KeptSite => {
  if (isLive(site)) return site
  const { deletion: _, purgeRequest: __, ...kept } = site
  return kept
}
