import { SitewrightError } from '../../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import { type Act, type ActPorts, actContext, changeNamedSite } from '../../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { isLive, ownershipOf, type Site } from '../../../core/site/site.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { type KeepEntrancePorts, keepEntrance } from './open-entrance.ts'

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
): SiteChange =>
  siteChange(
    { transition: 'enterAsSupport', before: site, after: { ...site, version: site.version + 1 }, details },
    context,
  )

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
  const site = await changeNamedSite(ports, act, (found) =>
    noteSupportEntry(found, { reason, until }, actContext(ports, act)),
  )
  if (!isLive(site)) throw new Error(`${site.id} was entered although it is ${site.status}`)
  const { operatorId } = act
  return { ...(await keepEntrance(ports, site, { role: 'support', operatorId, until })), until }
}
