import { memberMinutes, type Viewer } from '../../../core/entitlement/viewer.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { findOwnSite } from '../../../core/site/change-site.ts'
import { isLive, type LiveSite } from '../../../core/site/site.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { type Acting, isAtLeast } from '../../accounts/team/team.ts'
import { tokenHash } from '../../signup/verify-signup.ts'
import { entrancePath } from './entrance.ts'
import type { EntranceStore } from './ports.ts'

const entranceSeconds = 60

export interface KeepEntrancePorts extends Pick<Context, 'clocks' | 'randomness' | 'siteUrl'> {
  readonly entrances: Pick<EntranceStore, 'keep'>
}

export interface OpenEntrancePorts extends KeepEntrancePorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: AccountStore
}

/** Stores an entrance. @returns a URL on the site's host that works once, within a minute. */
export const keepEntrance = async (
  { entrances, clocks, randomness, siteUrl }: KeepEntrancePorts,
  site: LiveSite,
  viewer: Viewer,
): Promise<{ readonly url: string; readonly expiresAt: Instant }> => {
  const token = randomness.token()
  const createdAt = clocks.wall()
  const expiresAt = plusMilliseconds(createdAt, entranceSeconds * 1000)
  await entrances.keep({ schemaVersion: 1, tokenHash: tokenHash(token), siteId: site.id, viewer, createdAt, expiresAt })
  return { url: new URL(`${entrancePath}${token}`, siteUrl(site.ownership.hostname)).href, expiresAt }
}

/** Who acts for an account, as its sites get to know them. */
export const viewerOf = async (
  { accounts, clocks }: Pick<OpenEntrancePorts, 'accounts' | 'clocks'>,
  { personId, email: ofSession, rank }: Acting,
): Promise<Viewer> => {
  const known = await accounts.getPerson(personId)
  // A token has no address.
  const person = { personId, email: ofSession || (known?.email ?? ''), ...(known?.name && { name: known.name }) }
  if (isAtLeast(rank, 'owner')) return { role: 'owner', ...person }
  return { role: 'member', ...person, until: plusMilliseconds(clocks.wall(), memberMinutes * 60_000) }
}

/**
 * Opens a way into a live site for an owner or a member.
 * @returns a URL on the site's host that works once, within a minute.
 * @throws {SitewrightError} `NotFound`, also for another owner's site; `TransitionNotAllowed` if it is neither active nor asleep.
 */
export const openEntrance = async (
  ports: OpenEntrancePorts,
  siteId: string,
  session: Acting,
): Promise<{ readonly url: string; readonly expiresAt: Instant }> => {
  const site = await findOwnSite(ports, { siteId, accountId: session.accountId })
  if (!isLive(site)) {
    throw new SitewrightError('TransitionNotAllowed', `The site cannot be opened while it is ${site.status}.`)
  }
  return keepEntrance(ports, site, await viewerOf(ports, session))
}
