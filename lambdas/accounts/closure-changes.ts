import { createHmac } from 'node:crypto'
import { isSameText } from '../../core/digest.ts'
import { refuse } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { type Account, type AccountChange, accountChange } from './account.ts'

export type Closure = NonNullable<Account['closure']>

/** Closes an account. @param until until when it can be kept; absent if it has nothing to wait for. */
export const closeAccount = (
  account: Account,
  until: Instant | undefined,
  context: ChangeContext,
): AccountChange | undefined => {
  if (account.closure !== undefined) return undefined
  const task = { schemaVersion: 1, accountId: account.id, at: context.clocks.domain() } as const
  const closure: Closure = { state: 'closed', at: task.at, ...(until === undefined ? {} : { until }) }
  return {
    ...accountChange(account, { ...account, closure }, { type: 'AccountClosed', data: {} }, context),
    tasks: [
      { ...task, kind: 'sites', wanted: 'deleted', ownerId: account.ownerId },
      ...(until === undefined ? [] : [{ ...task, kind: 'mail' } as const]),
    ],
  }
}

/** @throws {SitewrightError} `TransitionNotAllowed` if it is erased. */
export const reopenAccount = (account: Account, context: ChangeContext): AccountChange | undefined => {
  const { closure, ...kept } = account
  if (closure === undefined) return undefined
  if (closure.state === 'erased') refuse('This account is deleted. Sign up to get a new one.')
  const { id: accountId, ownerId } = account
  return {
    ...accountChange(account, kept, { type: 'AccountReopened', data: {} }, context),
    tasks: [{ schemaVersion: 1, accountId, at: closure.at, kind: 'sites', wanted: 'kept', ownerId }],
  }
}

/** Erases an account whose sites are gone: what says whose it was goes, and the tasks for everything else follow. */
export const eraseAccount = (
  account: Account,
  lastSites: AccountChange['lastSites'] & object,
  context: ChangeContext,
): AccountChange | undefined => {
  const { company: _, attribution: __, language, mail: ___, marketing: ____, ...others } = account
  const { answers: _____, closure, ...kept } = others
  if (closure?.state !== 'closed') return undefined
  const at = context.clocks.domain()
  const task = { schemaVersion: 1, accountId: account.id, at } as const
  const { ownerId, customerId } = account
  return {
    ...accountChange(
      account,
      { ...kept, closure: { state: 'erased', at } },
      { type: 'AccountErased', data: {} },
      context,
    ),
    lastSites,
    tasks: [
      { ...task, kind: 'sites', wanted: 'nameless', ownerId },
      { ...task, kind: 'person', personId: ownerId, ...(language !== undefined && { language }) },
      ...(customerId === undefined ? [] : [{ ...task, kind: 'customer', customerId } as const]),
    ],
  }
}

/** The code of the link in the closure's mail, for this closure alone. It follows from a secret outside the tables. */
export const reopeningCode = (secret: string, id: AccountId, { at }: Pick<Closure, 'at'>): string =>
  createHmac('sha256', secret).update(`keep ${id} closed at ${at}`).digest('base64url').slice(0, 32)

export const isReopeningCode = (secret: string, id: AccountId, closure: Pick<Closure, 'at'>, code: string): boolean =>
  isSameText(reopeningCode(secret, id, closure), code)
