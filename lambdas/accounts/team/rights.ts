import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { findOwnSite } from '../../../core/site/change-site.ts'
import { hasProductionData, isEnvironment, softwareOwner } from '../../../core/site/environment.ts'
import { isKept, type Site } from '../../../core/site/site.ts'
import { type Acting, isAtLeast, type Rank } from './team.ts'

export interface Right {
  readonly min: Rank
  /** Whether a token may do it at all, and to what. */
  readonly tokens: 'none' | 'all' | 'with-production'
  /** It changes what a site runs and holds: owners may keep it to themselves on production. */
  readonly keepable?: true
}

const allTo = (right: Right, ids: readonly string[]): Record<string, Right> =>
  Object.fromEntries(ids.map((id) => [id, right]))

const rightsOf = (min: Rank, tokens: Right['tokens'], ...ids: readonly string[]) => allTo({ min, tokens }, ids)

/** Of developers, unless owners keep them to themselves. */
const keepable = (tokens: Right['tokens'], ...ids: readonly string[]) =>
  allTo({ min: 'developer', tokens, keepable: true }, ids)

/**
 * The least role of each operation of owners in the account that somebody acts for. docs/teams.md has the same in words, and a test
 * reads it there. What changes or reads what `production` runs and holds, or a clone with its data, needs a token
 * that says so.
 */
export const rights: Readonly<Record<string, Right>> = {
  // Of the person who asks, whatever the account.
  ...rightsOf('viewer', 'none', 'getSession', 'endSession', 'listSessions', 'endOtherSessions', 'revokeSession'),
  ...rightsOf('viewer', 'none', 'listAccounts', 'listOwnInvitations', 'acceptInvitation'),
  // A member may leave; `removeMember` itself refuses to remove others.
  ...rightsOf('viewer', 'none', 'getTeam', 'removeMember'),
  ...rightsOf('viewer', 'all', 'listSites', 'getSite', 'getHistory', 'getUsage', 'listDeployments', 'getDeployment'),
  ...rightsOf('viewer', 'all', 'listContainers'),
  ...rightsOf('viewer', 'none', 'getRehearsal', 'listArchives', 'listDomains'),
  ...rightsOf('viewer', 'with-production', 'openEntrance'),
  ...rightsOf('viewer', 'all', 'listEnvironments'),
  ...rightsOf('developer', 'all', 'createEnvironment', 'extendEnvironment', 'deleteEnvironment', 'restoreEnvironment'),
  // What is pushed runs nowhere before a deployment.
  ...rightsOf('developer', 'all', 'openPush'),
  ...keepable('with-production', 'createDeployment', 'promoteDeployment', 'rollBackDeployment', 'changeConfiguration'),
  ...rightsOf('developer', 'with-production', 'createSite', 'openImport', 'getConfiguration'),
  ...rightsOf('developer', 'with-production', 'readLogs', 'explainSite'),
  ...keepable('none', 'changeSite', 'restoreArchive', 'addDomain', 'releaseDomain'),
  ...rightsOf('developer', 'none', 'extendTrial', 'resumeSite', 'copySite', 'handOverSite', 'enterRehearsal'),
  ...rightsOf('developer', 'none', 'verifyDomain', 'listTokens', 'createToken', 'revokeToken'),
  ...rightsOf('owner', 'none', 'deleteSite', 'revokeDeletion', 'revealCredentials', 'linkToArchive'),
  ...rightsOf('owner', 'none', 'chooseProtection', 'exportSite', 'revealDataSecrets'),
  ...rightsOf('owner', 'none', 'shareSummary', 'listSummaryLinks', 'revokeSummaryLink', 'requestContact'),
  ...rightsOf('owner', 'none', 'getBilling', 'getLastInvoice', 'previewPlan', 'getCheckout'),
  ...rightsOf('owner', 'none', 'beginCheckout', 'changeOwnPlan', 'openPortal', 'acceptRelocation'),
  ...rightsOf('owner', 'none', 'inviteMember', 'resendInvitation', 'revokeInvitation', 'changeMember'),
  ...rightsOf('holder', 'none', 'getAccount', 'changeAccount', 'chooseMarketing', 'exportAccount'),
  ...rightsOf('holder', 'none', 'closeAccount', 'reopenAccount'),
}

/** An operation without a row is its holder's alone. */
const unlisted: Right = { min: 'holder', tokens: 'none' }

const rightOf = (operationId: string): Right => rights[operationId] ?? unlisted

const words: Readonly<Record<Rank, string>> = {
  viewer: 'viewers, developers and owners',
  developer: 'developers and owners',
  owner: 'owners',
  holder: 'the holder',
}

/** Whether a token reaches a site of its account at all; a person reaches every one. */
export const isReached = (token: Acting['token'], site: Site): boolean =>
  token?.siteId === undefined || softwareOwner(site) === token.siteId

const forbidden = (message: string): SitewrightError => new SitewrightError('Forbidden', message)

const unreached = (site: Site): SitewrightError => {
  const subject = isEnvironment(site) ? `'${site.environmentOf.name}' has production's data, and this` : 'This'
  return forbidden(`${subject} token does not reach production. Create one that says so, or use another environment.`)
}

/** Whether owners may keep an operation on production from somebody. */
const isKeptFrom = (rank: Rank, { keepable: isKeepable }: Right): boolean =>
  isKeepable === true && !isAtLeast(rank, 'owner')

/** What a role may do in an account, for pages: always, and on sites whose changes owners do not keep to themselves. */
export const operationsOf = (rank: Rank) => {
  const allowed = Object.entries(rights).filter(([, { min }]) => isAtLeast(rank, min))
  const idsOf = (kept: boolean) => allowed.filter(([, right]) => isKeptFrom(rank, right) === kept).map(([id]) => id)
  return { always: idsOf(false), unlessOwnersOnly: idsOf(true) }
}

/**
 * Requires the right to an operation in the account that somebody acts for. A token reaches its site and the environments of it.
 * @param siteId as in the path, if the operation is about a site.
 * @throws {SitewrightError} `Forbidden`; `NotFound` for a site that is not the account's, or that a token does not reach.
 */
export const requireRight = async (
  ports: { readonly sites: Pick<SiteStore, 'get'> },
  operationId: string,
  { rank, token, accountId }: Acting,
  siteId: string | undefined,
): Promise<void> => {
  const right = rightOf(operationId)
  if (token !== undefined && right.tokens === 'none') throw forbidden('A token cannot do this. Sign in as a person.')
  if (!isAtLeast(rank, right.min)) {
    throw forbidden(`Your role in this account is '${rank}'. This is for ${words[right.min]}.`)
  }
  const needsProduction = token !== undefined && right.tokens === 'with-production' && !token.production
  if (!needsProduction && token?.siteId === undefined && !isKeptFrom(rank, right)) return
  if (siteId === undefined) {
    // The list of sites leaves out those that a token does not reach.
    if (right.tokens === 'all' || token === undefined) return
    throw forbidden('This token may not create sites: it does not reach every site of the account and production.')
  }
  const site = await findOwnSite(ports, { siteId, accountId })
  if (!isReached(token, site)) throw new SitewrightError('NotFound', 'There is no such site.')
  if (!hasProductionData(site)) return
  if (needsProduction) throw unreached(site)
  if (isKeptFrom(rank, right) && isKept(site) && site.ownersOnly === true) {
    const { name } = site.ownership
    throw forbidden(`Only owners change production of ${name}. Ask an owner of this account, or use an environment.`)
  }
}

/** Whether somebody has the right to an operation. @throws {SitewrightError} `NotFound` as {@link requireRight}. */
export const hasRight = async (...asked: Parameters<typeof requireRight>): Promise<boolean> => {
  try {
    await requireRight(...asked)
    return true
  } catch (error) {
    if (isErrorOfKind(error, 'Forbidden')) return false
    throw error
  }
}
