import type { Viewer } from '../../../core/entitlement/viewer.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { findOwnSite } from '../../../core/site/change-site.ts'
import { isLive, type LiveSite } from '../../../core/site/site.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import type { Session } from '../../signup/signup.ts'
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

/** The owner of a session, as a site gets to know them. */
export const ownerViewer = async (
  { accounts }: Pick<OpenEntrancePorts, 'accounts'>,
  { personId, email }: Session,
): Promise<Viewer> => {
  const name = (await accounts.getPerson(personId))?.name
  return { role: 'owner', personId, email, ...(name === undefined ? {} : { name }) }
}

/**
 * Opens a way into a live site for its owner.
 * @returns a URL on the site's host that works once, within a minute.
 * @throws {SitewrightError} `NotFound`, also for another owner's site; `TransitionNotAllowed` if it is neither active nor asleep.
 */
export const openEntrance = async (
  ports: OpenEntrancePorts,
  siteId: string,
  session: Session,
): Promise<{ readonly url: string; readonly expiresAt: Instant }> => {
  const site = await findOwnSite(ports, { siteId, accountId: session.accountId })
  if (!isLive(site)) {
    throw new SitewrightError('TransitionNotAllowed', `The site cannot be opened while it is ${site.status}.`)
  }
  return keepEntrance(ports, site, await ownerViewer(ports, session))
}
