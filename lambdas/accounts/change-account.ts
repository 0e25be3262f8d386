import { notFound } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import type { Account, AccountChange } from './account.ts'
import type { AccountChanges, AccountStore } from './ports.ts'

export interface ChangeAccountPorts {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly accountChanges: AccountChanges
}

/** @throws {SitewrightError} `NotFound`. */
export const requireAccount = async (
  { accounts }: Pick<ChangeAccountPorts, 'accounts'>,
  id: AccountId,
): Promise<Account> => (await accounts.get(id)) ?? notFound('There is no such account.')

/**
 * Changes an account; decides again if it is changed at the same time.
 * @param decide returns undefined if there is nothing to change.
 * @throws {SitewrightError} `NotFound`, `VersionConflict`.
 */
export const changeAccount = async (
  { accounts, accountChanges }: ChangeAccountPorts,
  id: AccountId,
  decide: (account: Account) => AccountChange | undefined,
): Promise<Account> =>
  retryOnConflict(id, async () => {
    const account = await requireAccount({ accounts }, id)
    const change = decide(account)
    if (change === undefined) return account
    return (await accountChanges.commit(change)) ? change.after : conflict
  })
