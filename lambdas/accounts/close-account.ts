import { canonicalEmail } from '../../core/email.ts'
import { refuse, SitewrightError } from '../../core/errors.ts'
import type { Actor } from '../../core/events/actor.ts'
import { type AccountId, isId } from '../../core/ids.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { ActPorts } from '../../core/site/change-site.ts'
import { nextDestructiveStep } from '../../core/site/next-step.ts'
import { isKept, type Site } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { CodeSecret } from '../rate-limits/count-in-windows.ts'
import type { Account } from './account.ts'
import { type ChangeAccountPorts, changeAccount } from './change-account.ts'
import { closeAccount, isReopeningCode, reopenAccount } from './closure-changes.ts'
import { bringSitesIntoLine, sitesOf } from './follow-closures.ts'
import type { AccountStore } from './ports.ts'

/** Refuses acts of an account that its owner has closed, in words for everybody who may act for it. @throws {SitewrightError} `TransitionNotAllowed`. */
export const requireOpenAccount = async (
  { accounts }: { readonly accounts: Pick<AccountStore, 'get'> },
  id: AccountId,
): Promise<Account | undefined> => {
  const account = await accounts.get(id)
  if (account?.closure === undefined) return account
  return refuse('This account is being deleted. To use it again, its holder has to cancel the deletion first.')
}

interface AccountAct {
  readonly accountId: AccountId
  readonly actor: Actor
  readonly causationId: string
}

export type CloseAccountPorts = ActPorts & ChangeAccountPorts

/** When the last site will be purged; undefined if none has to be. A site that was deleted before keeps its date. */
const endOfSites = (sites: readonly Site[], now: Instant, policies: TrialPolicies): Instant | undefined =>
  sites
    .filter((site) => isKept(site) || site.status === 'building')
    .map((site) => {
      const policy = policies.of(site)
      const isDeleted = 'deletion' in site && site.deletion !== undefined
      const purge = isDeleted ? nextDestructiveStep(site, policy) : undefined
      return purge?.dueAt ?? plusDays(now, policy.deletionDays)
    })
    .toSorted()
    .at(-1)

/**
 * Closes the owner's account and deletes its sites. Repeating changes nothing.
 * @param confirm the address of the account, as typed.
 * @throws {SitewrightError} `ConfirmationWrong`, `VersionConflict`.
 */
export const closeOwnAccount = async (
  ports: CloseAccountPorts,
  act: AccountAct & { readonly email: string },
  confirm: string,
): Promise<Account> => {
  if (canonicalEmail(confirm) !== canonicalEmail(act.email)) {
    throw new SitewrightError('ConfirmationWrong', 'Type your e-mail address to confirm the deletion.', {
      fields: [{ path: 'confirm', message: 'is not the address of this account' }],
    })
  }
  const until = endOfSites(await sitesOf(ports.sites, act.accountId), ports.clocks.domain(), ports.policies)
  const account = await changeAccount(ports, act.accountId, (found) => closeAccount(found, until, { ...ports, ...act }))
  const { id: accountId, ownerId } = account
  try {
    await bringSitesIntoLine(ports, { accountId, ownerId, wanted: 'deleted' }, act.causationId)
  } catch (error) {
    ports.log.warn({ accountId, err: error }, 'the sites of a closed account could not be deleted at once')
  }
  return account
}

/** Cancels the deletion of the owner's account. @throws {SitewrightError} `TransitionNotAllowed` if it is erased, `VersionConflict`. */
export const reopenOwnAccount = (
  ports: ChangeAccountPorts & Pick<Context, 'clocks' | 'randomness'>,
  act: AccountAct,
): Promise<Account> => changeAccount(ports, act.accountId, (found) => reopenAccount(found, { ...ports, ...act }))

/**
 * Keeps an account by the link of its mail, which needs no session.
 * @throws {SitewrightError} `CodeWrong`, also for an account that is not closed; `VersionConflict`.
 */
export const reopenByLink = async (
  ports: ChangeAccountPorts & Pick<Context, 'clocks' | 'randomness'> & { readonly codeSecret: CodeSecret },
  { id, code, causationId }: { readonly id: string; readonly code: string; readonly causationId: string },
): Promise<void> => {
  const account = isId('acct', id) ? await ports.accounts.get(id) : undefined
  if (
    account?.closure?.state !== 'closed' ||
    !isReopeningCode(await ports.codeSecret(), account.id, account.closure, code)
  ) {
    throw new SitewrightError('CodeWrong', 'This link is wrong or has expired. Sign in to see your account.')
  }
  const actor = { kind: 'owner', personId: account.ownerId } as const
  await reopenOwnAccount(ports, { accountId: account.id, actor, causationId })
}
