import type { AccountOpening } from '../../core/account/account.ts'
import type { EventWriting } from './event-writes.ts'
import { eventWrite } from './event-writes.ts'
import { contentAttribute } from './item.ts'
import type { Key } from './keys.ts'
import { accountKey, emailKey, memberKey, personKey } from './keys.ts'
import type { GuardedWrite } from './transaction.ts'

/** Person, account, membership, and the address that leads to them: refused where the address has an account. */
export const openingWrites = <Refusal extends string>(
  { person, account, event }: AccountOpening,
  known: Refusal,
  writing: EventWriting,
): readonly GuardedWrite<Refusal>[] => {
  const put = (key: Key, kind: string, content: object): GuardedWrite<Refusal> => ({
    refusal: known,
    write: {
      Put: {
        TableName: writing.tables.main,
        Item: { ...key, kind, [contentAttribute]: content },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
  })
  const schemaVersion = 1
  return [
    put(emailKey(person.emailHash), 'email', { schemaVersion, personId: person.id, accountId: account.id }),
    put(personKey(person.id), 'person', person),
    put(accountKey(account.id), 'account', account),
    put(memberKey(account.id, person.id), 'membership', { schemaVersion, role: 'owner', since: account.createdAt }),
    eventWrite(event, known, writing),
  ]
}
