import { SitewrightError } from '../errors.ts'
import type { AccountId } from '../ids.ts'
import type { AccountChanges, AccountStore } from '../ports/stores.ts'
import type { Account, AccountChange } from './account.ts'

export interface ChangeAccountPorts {
  readonly accounts: Pick<AccountStore, 'get'>
  readonly accountChanges: AccountChanges
}

const attempts = 6

/**
 * Changes an account, also where it is changed in this very moment: it is read and decided anew then.
 * @param decide from the account as it is now; undefined where there is nothing to change.
 * @returns the account as it is then.
 * @throws {SitewrightError} `NotFound`, `VersionConflict` where it goes on changing.
 */
export const changeAccount = async (
  { accounts, accountChanges }: ChangeAccountPorts,
  id: AccountId,
  decide: (account: Account) => AccountChange | undefined,
): Promise<Account> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const account = await accounts.get(id)
    if (account === undefined) throw new SitewrightError('NotFound', 'There is no such account.')
    const change = decide(account)
    if (change === undefined) return account
    if (await accountChanges.commit(change)) return change.after
  }
  throw new SitewrightError('VersionConflict', `${id} goes on changing. Try again.`)
}
