import { SitewrightError } from '../../../core/errors.ts'
import type { AccountId } from '../../../core/ids.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { findOwnSite } from '../../../core/site/change-site.ts'
import { softwareOwner } from '../../../core/site/environment.ts'
import type { Site } from '../../../core/site/site.ts'
import { type Acting, isAtLeast, type Rank } from './team.ts'

export interface Right {
  readonly least: Rank
  /** Whether a token may do it at all, and to what. */
  readonly tokens: 'none' | 'all' | 'with-production'
}

const rightsOf = (least: Rank, tokens: Right['tokens'], ...ids: readonly string[]): Record<string, Right> =>
  Object.fromEntries(ids.map((id) => [id, { least, tokens }]))

/**
 * The least role of each operation of owners in the account that somebody acts for. docs/teams.md has the same in words, and a test
 * reads it there. What changes or reads what `production` runs and holds needs a token that says so.
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
  ...rightsOf('developer', 'with-production', 'createSite', 'createDeployment', 'readLogs'),
  ...rightsOf('developer', 'with-production', 'promoteDeployment', 'rollBackDeployment', 'openImport'),
  ...rightsOf('developer', 'with-production', 'getConfiguration', 'changeConfiguration', 'explainSite'),
  ...rightsOf('developer', 'none', 'changeSite', 'extendTrial', 'resumeSite', 'copySite', 'restoreArchive'),
  ...rightsOf('developer', 'none', 'handOverSite', 'enterRehearsal', 'addDomain', 'verifyDomain', 'releaseDomain'),
  ...rightsOf('developer', 'none', 'exportSite', 'listTokens', 'createToken', 'revokeToken'),
  ...rightsOf('owner', 'none', 'deleteSite', 'revokeDeletion', 'revealCredentials', 'linkToArchive'),
  ...rightsOf('owner', 'none', 'revealDataSecrets'),
  ...rightsOf('owner', 'none', 'shareSummary', 'listSummaryLinks', 'revokeSummaryLink', 'requestContact'),
  ...rightsOf('owner', 'none', 'getBilling', 'getLastInvoice', 'previewPlan', 'beginCheckout', 'changeOwnPlan'),
  ...rightsOf('owner', 'none', 'openPortal', 'acceptRelocation'),
  ...rightsOf('owner', 'none', 'inviteMember', 'resendInvitation', 'revokeInvitation', 'changeMember'),
  ...rightsOf('holder', 'none', 'getAccount', 'changeAccount', 'chooseMarketing', 'exportAccount'),
  ...rightsOf('holder', 'none', 'closeAccount', 'reopenAccount'),
}

/** An operation without a row is its holder's alone. */
const unlisted: Right = { least: 'holder', tokens: 'none' }

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

/** A token reaches its site and the environments of it. @throws {SitewrightError} `NotFound`, `Forbidden`. */
const requireReach = async (
  ports: { readonly sites: Pick<SiteStore, 'get'> },
  { token, accountId }: { readonly token: NonNullable<Acting['token']>; readonly accountId: AccountId },
  { tokens }: Right,
  siteId: string | undefined,
): Promise<void> => {
  const needsProduction = tokens === 'with-production' && !token.production
  if (token.siteId === undefined && !needsProduction) return
  if (siteId === undefined) {
    // The list of sites leaves out those that it does not reach.
    if (tokens === 'all') return
    throw forbidden('This token may not create sites: it does not reach every site of the account and production.')
  }
  const site = await findOwnSite(ports, { siteId, accountId })
  if (!isReached(token, site)) throw new SitewrightError('NotFound', 'There is no such site.')
  if (needsProduction && softwareOwner(site) === site.id) {
    throw forbidden('This token does not reach production. Create one that says so, or use an environment.')
  }
}

/**
 * Requires the right to an operation in the account that somebody acts for.
 * @param siteId as in the path, if the operation is about a site.
 * @throws {SitewrightError} `Forbidden`; `NotFound` for a site that a token does not reach.
 */
export const requireRight = async (
  ports: { readonly sites: Pick<SiteStore, 'get'> },
  operationId: string,
  { rank, token, accountId }: Acting,
  siteId: string | undefined,
): Promise<void> => {
  const right = rightOf(operationId)
  if (token !== undefined && right.tokens === 'none') throw forbidden('A token cannot do this. Sign in as a person.')
  if (!isAtLeast(rank, right.least)) {
    throw forbidden(`Your role in this account is '${rank}'. This is for ${words[right.least]}.`)
  }
  if (token !== undefined) await requireReach(ports, { token, accountId }, right, siteId)
}
