import { tokenHash } from '../../../core/digest.ts'
import { memberMinutes, type Viewer } from '../../../core/entitlement/viewer.ts'
import { refuse, SitewrightError } from '../../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { type Act, type ActPorts, changeNamedSite, findOwnSite } from '../../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { isLive, type LiveSite, ownershipOf, type Site } from '../../../core/site/site.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { type Acting, isAtLeast } from '../../accounts/team/team.ts'
import { type EntranceStore, entrancePath } from './entrance.ts'

const entranceSeconds = 60

interface KeepEntrancePorts extends Pick<Context, 'clocks' | 'randomness' | 'siteUrl'> {
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
  if (rank === 'holder') return { role: 'owner', ...person }
  const until = plusMilliseconds(clocks.wall(), memberMinutes * 60_000)
  return { role: isAtLeast(rank, 'owner') ? 'owner' : 'member', ...person, until }
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
  if (!isLive(site)) return refuse(`The site cannot be opened while it is ${site.status}.`)
  return keepEntrance(ports, site, await viewerOf(ports, session))
}

export interface EnterAsSupportPorts extends ActPorts, KeepEntrancePorts {
  readonly accounts: Pick<AccountStore, 'get'>
}

const requireConsent = async ({ accounts }: EnterAsSupportPorts, site: Site | undefined): Promise<void> => {
  const accountId = site && ownershipOf(site)?.accountId
  const account = accountId === undefined ? undefined : await accounts.get(accountId)
  if (account?.supportEntry !== 'refused') return
  throw new SitewrightError(
    'SupportEntryRefused',
    'The owner of this site has refused entries of support. Ask the owner to allow them in the account.',
  )
}

/** Records in a site's history that support enters it. @throws {SitewrightError} `TransitionNotAllowed`. */
export const noteSupportEntry = (
  site: Site,
  details: { readonly reason: string; readonly until: Instant },
  context: ChangeContext,
): SiteChange => siteChange({ transition: 'enterAsSupport', before: site, after: site, details }, context)

/**
 * Opens a way into a live site for an operator, as `support` and never as its owner. The site's history has it first, from which the owner
 * gets a mail.
 * @returns a URL on the site's host that works once, within a minute, and the end of the visit.
 * @throws {SitewrightError} `NotFound`, `SupportEntryRefused`, `TransitionNotAllowed` if it is neither active nor asleep.
 */
export const enterAsSupport = async (
  ports: EnterAsSupportPorts,
  act: Act & { readonly operatorId: string },
  { reason, minutes }: { readonly reason: string; readonly minutes: number },
): Promise<{ readonly url: string; readonly expiresAt: Instant; readonly until: Instant }> => {
  const until = plusMilliseconds(ports.clocks.wall(), minutes * 60_000)
  await requireConsent(ports, await changeNamedSite(ports, act, () => undefined))
  const site = await changeNamedSite(ports, act, (found, context) =>
    noteSupportEntry(found, { reason, until }, context),
  )
  if (!isLive(site)) throw new Error(`${site.id} was entered although it is ${site.status}`)
  const { operatorId } = act
  return { ...(await keepEntrance(ports, site, { role: 'support', operatorId, until })), until }
}
