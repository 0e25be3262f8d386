import { BatchWriteCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { ulid } from 'ulid'
import { contentAttribute } from '../../../adapters/dynamodb/item.ts'
import { accountKey, eventKey, personKey } from '../../../adapters/dynamodb/keys.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { eachAtOnce } from '../../../core/each-at-once.ts'
import type { LeadEvent } from '../../../core/events/event.ts'
import { system } from '../../../core/events/event-names.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Account, Person } from '../../../lambdas/accounts/account.ts'
import { type Lead, leadStages, newLead } from '../../../lambdas/leads/lead.ts'
import { leadItem } from '../../../lambdas/leads/store.ts'

export const eventsOfLead = 10
const itemsOfBatch = 25
const batchesAtOnce = 4

const idOf = <Prefix extends string>(prefix: Prefix, at: Instant): `${Prefix}_${string}` =>
  `${prefix}_${ulid(Date.parse(at)).toLowerCase()}`

const accountOf = (number: number, at: Instant): { readonly account: Account; readonly person: Person } => {
  const person = {
    schemaVersion: 1,
    id: idOf('prsn', at),
    email: `person-${number}@example.com`,
    emailHash: `hash-${number}`,
    createdAt: at,
  } as const
  const account = { schemaVersion: 1, id: idOf('acct', at), version: 1, ownerId: person.id, createdAt: at } as const
  return { account, person }
}

/** Spread over all stages, scores and assignees; every fourth is of a trial that ends in the next two months. */
const leadOf = (number: number, { id, ownerId, createdAt }: Account, now: Instant, people: readonly string[]): Lead => {
  const assignee = people[number % (people.length + 1)]
  const nextStep = { text: 'Call', at: plusMilliseconds(now, (number % 5000) * 600_000) }
  return {
    ...newLead,
    schemaVersion: 1,
    accountId: id,
    personId: ownerId,
    version: eventsOfLead,
    events: eventsOfLead,
    revision: 1,
    stage: leadStages[number % leadStages.length] ?? 'lost',
    stageSince: createdAt,
    score: number % 101,
    reasons: [{ fact: 'companyMail', value: 1, points: 10 }],
    facts: {
      ...{ signedUpAt: createdAt, isClosed: false, companyMail: true, sites: { live: 1, paid: 0, ended: 0 } },
      ...(number % 4 === 0 ? { trialEndsAt: plusMilliseconds(now, (number % 5000) * 1_036_800 + 60_000) } : {}),
      ...{ extensions: 0, usage: [], contactRequests: { count: 0 }, refusals: { count: 0 } },
    },
    scoredAt: now,
    checkAt: plusMilliseconds(now, 86_400_000 + number * 1000),
    read: {},
    contactRequests: [],
    work: { outcome: 'open', notes: [], ...(assignee === undefined ? {} : { assignee, nextStep }) },
  }
}

const eventOf = ({ accountId, score }: Lead, version: number, at: Instant): LeadEvent => ({
  schemaVersion: 1,
  id: idOf('evt', at),
  type: 'LeadStageChanged',
  aggregate: { type: 'lead', id: accountId },
  version,
  at,
  actor: system,
  causationId: 'bench',
  data: { stage: 'engaged', score },
})

/**
 * Writes leads with their accounts, people and events: by what happens to them they would take days.
 * @param options.from how many there are.
 * @returns the accounts of some.
 */
export const seedLeads = async (
  client: DynamoDBDocumentClient,
  options: { readonly from: number; readonly count: number; readonly now: Instant; readonly people: readonly string[] },
): Promise<readonly Account[]> => {
  const { from, count, now, people } = options
  const { main } = tablesOf('sitewright')
  const some: Account[] = []
  const itemsOf = (number: number): readonly object[] => {
    const { account, person } = accountOf(number, plusMilliseconds(now, -60_000 * (number + 60)))
    if (number % Math.ceil(count / 100) === 0) some.push(account)
    const lead = leadOf(number, account, now, people)
    const events = Array.from({ length: eventsOfLead }, (_, index) => eventOf(lead, index + 1, account.createdAt))
    return [
      { ...accountKey(account.id), kind: 'account', [contentAttribute]: account },
      { ...personKey(person.id), kind: 'person', [contentAttribute]: person },
      leadItem(lead),
      ...events.map((event) => ({
        ...eventKey(event.aggregate, event.version),
        kind: 'event',
        [contentAttribute]: event,
      })),
    ]
  }
  const write = async (items: readonly object[]): Promise<void> => {
    const requests = items.map((Item) => ({ PutRequest: { Item: { ...Item } } }))
    const { UnprocessedItems = {} } = await client.send(new BatchWriteCommand({ RequestItems: { [main]: requests } }))
    if (Object.keys(UnprocessedItems).length > 0) throw new Error('the engine did not write all leads')
  }
  let batch: object[] = []
  const batches: (readonly object[])[] = []
  const send = async (): Promise<void> => eachAtOnce(batches.splice(0), batchesAtOnce, write)
  for (let number = from; number < from + count; number += 1) {
    for (const item of itemsOf(number)) {
      batch.push(item)
      if (batch.length < itemsOfBatch) continue
      batches.push(batch)
      batch = []
    }
    if (batches.length >= 100) await send()
  }
  if (batch.length > 0) batches.push(batch)
  await send()
  return some
}
