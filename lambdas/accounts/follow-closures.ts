import { eachApart } from '../../core/each-at-once.ts'
import type { AccountId, PersonId } from '../../core/ids.ts'
import { plusDays } from '../../core/instant.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { type ActPorts, changeSite, startOperationSoon } from '../../core/site/change-site.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { isRehearsal } from '../../core/site/rehearsal.ts'
import { type Deletion, isKept, isLive, type Site } from '../../core/site/site.ts'
import type { DeploymentStore } from '../deployments/deployment.ts'
import { requestDeletion, revokeDeletion, type StoppedSite } from '../endings/delete-site.ts'
import { suspendSite } from '../endings/end-site.ts'
import { endingRehearsal } from '../rehearsals/rehearsal.ts'
import { type ChangeAccountPorts, changeAccount } from './change-account.ts'
import { eraseAccount } from './closure-changes.ts'
import type { TaskOf } from './closure-task.ts'
import type { ClosureTasks, SiteEraser } from './ports.ts'

/** All sites of an account, of every status, without their environments. */
export const sitesOf = async (
  sites: Pick<SiteStore, 'listByAccount'>,
  accountId: AccountId,
): Promise<readonly Site[]> => {
  const found: Site[] = []
  let cursor: string | undefined
  do {
    const page = await sites.listByAccount(accountId, { limit: 100, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

/** The same with their environments and the rehearsals from bundles. */
export const everySiteOf = async (
  sites: Pick<SiteStore, 'listByAccount' | 'listEnvironments'>,
  accountId: AccountId,
): Promise<readonly Site[]> => {
  const found = [...(await sitesOf(sites, accountId))]
  for (const id of [accountId, ...found.map((site) => site.id)]) {
    for await (const one of sites.listEnvironments(id)) found.push(one)
  }
  return found
}

/** Deletes a site as its owner would. A restore has to end first, because it would drop the deletion. */
export const deletionOf = (
  site: Site | undefined,
  context: ChangeContext,
  mark: Pick<Deletion, 'withAccount'> = {},
): SiteChange | undefined => {
  if (!isKept(site)) return undefined
  if (isLive(site)) {
    const deletion = { requestedAt: context.clocks.domain(), by: 'owner' as const, ...mark }
    return suspendSite(site, { because: 'owner-deletion', deletion }, context)
  }
  if (site.deletion !== undefined || site.operation?.kind === 'restore') return undefined
  return requestDeletion(site, context, mark)
}

/** An environment that ran comes back with its site, and a rehearsal ends. */
const closureOf = (site: Site | undefined, context: ChangeContext): SiteChange | undefined => {
  if (isKept(site) && isRehearsal(site)) return endingRehearsal(site, 'account-closed', context)
  const change = deletionOf(site, context, { withAccount: true })
  if (change === undefined || site === undefined || !isLive(site) || !isEnvironment(change.after)) return change
  return { ...change, after: { ...change.after, environmentOf: { ...change.after.environmentOf, follows: true } } }
}

const isDeletedWithAccount = (site: Site | undefined): site is StoppedSite =>
  isKept(site) && !isLive(site) && site.deletion?.withAccount === true

/** By its mark, not by a time: an account may have been closed and kept several times since. A purge by operators goes on. */
const revocationOf = (site: Site | undefined, context: ChangeContext): SiteChange | undefined =>
  isDeletedWithAccount(site) && site.deletion?.by === 'owner' ? revokeDeletion(site, context) : undefined

/** Deletes or keeps the sites of an account. @returns the sites afterwards. */
export const bringSitesIntoLine = async (
  ports: ActPorts & Pick<ChangeAccountPorts, 'accounts'>,
  task: { readonly accountId: AccountId; readonly ownerId: PersonId; readonly wanted: 'deleted' | 'kept' },
  causationId: string,
): Promise<readonly Site[]> => {
  const context = { actor: { kind: 'owner', personId: task.ownerId }, causationId, ...ports } as const
  const after: Site[] = []
  for (const { id } of await everySiteOf(ports.sites, task.accountId)) {
    const site = await changeSite(ports.sites, id, (found) =>
      task.wanted === 'deleted' ? closureOf(found, context) : revocationOf(found, context),
    )
    if (site === undefined) continue
    if (task.wanted === 'deleted') await startOperationSoon(ports, site)
    after.push(site)
  }
  // The account may have been kept meanwhile, and the task for its sites may be done before the last one was deleted here.
  if (task.wanted === 'kept' || (await ports.accounts.get(task.accountId))?.closure !== undefined) return after
  return bringSitesIntoLine(ports, { ...task, wanted: 'kept' }, causationId)
}

export interface FollowClosuresPorts extends ActPorts, ChangeAccountPorts {
  readonly closureTasks: ClosureTasks
  readonly siteEraser: SiteEraser
  readonly deployments: Pick<DeploymentStore, 'erase'>
}

/** A purged site whose data is removed, or one that was never built. */
const isGone = (site: Site): boolean =>
  site.status === 'failed' || (site.status === 'purged' && site.operation === undefined)

/** For so long a released custom domain is known, so that the edge can be told to withdraw it. */
const withdrawalDays = 1

const followTask = async (ports: FollowClosuresPorts, task: TaskOf<'sites'>, causationId: string): Promise<void> => {
  const { accountId, ownerId, wanted, at } = task
  if (wanted === 'nameless') {
    const alsoDomains = plusDays(at, withdrawalDays) <= ports.clocks.domain()
    let isDone = true
    for (const { id } of await everySiteOf(ports.sites, accountId)) {
      // Those of a site that could not be built: its owner could read until now why.
      await ports.deployments.erase(id)
      isDone = (await ports.siteEraser.erase(id, { alsoDomains })) && isDone
    }
    if (isDone) await ports.closureTasks.remove(task)
    return
  }
  const sites = await bringSitesIntoLine(ports, { accountId, ownerId, wanted }, causationId)
  if (wanted === 'kept') {
    // If a gate refuses a purge by operators, the deletion that came with the account is there again.
    if (!sites.some(isDeletedWithAccount)) await ports.closureTasks.remove(task)
    return
  }
  if (!sites.every(isGone)) return
  const context = { actor: { kind: 'owner', personId: ownerId }, causationId, ...ports } as const
  const lastSites = sites.map(({ id }) => id)
  await changeAccount(ports, accountId, (account) => eraseAccount(account, lastSites, context))
}

/**
 * Brings the sites of closed accounts into line, and erases the accounts whose sites are gone.
 * @throws {SitewrightError} `Unavailable` at the end if an account failed.
 */
export const followClosures = (ports: FollowClosuresPorts, causationId: string): Promise<void> =>
  eachApart(
    ports.closureTasks.list('sites'),
    {
      log: ports.log,
      named: ({ accountId }) => ['accountId', accountId],
      failed: 'the closure of an account could not be continued',
      summary: 'These closures could not be continued',
    },
    (task) => followTask(ports, task, causationId),
  )
