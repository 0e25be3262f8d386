import { createHash } from 'node:crypto'
import type { AccountId, DomainId, Id, PersonId, SignupId, SiteId } from '../../core/ids.ts'
import type { DueEntry } from '../../core/site/next-step.ts'
import type { SiteStatus } from '../../core/site/site.ts'
import type { ClosureTask } from '../../lambdas/accounts/closure-task.ts'
import type { LeadStage } from '../../lambdas/leads/lead.ts'
import type { Refusal } from '../../lambdas/operators/audit/ports.ts'
import type { ReportTable } from '../../lambdas/reports/report-row.ts'
import type { UsagePeriod } from '../../lambdas/reports/usage/usage.ts'

export interface Key {
  readonly pk: string
  readonly sk: string
}

const padded = (number: number): string => String(number).padStart(12, '0')

export const siteKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'SITE' })
export const hostKey = (hostname: string): Key => ({ pk: `HOST#${hostname}`, sk: 'HOST' })
/** A hostname's place among the slugs that begin with the same character, in the index of accounts, whose ids look otherwise. */
export const slugKey = (slug: string): string => `SLUG#${slug.slice(0, 1)}`
/** A word's place among those that begin with the same character, in the index of accounts. */
export const wordKey = (word: string): string => `WORD#${[...word][0] ?? ''}`
/** The places of a site's words, below the site. */
export const wordPrefix = 'WORD#'
export const siteWordKey = (id: SiteId, place: number): Key => ({
  pk: `SITE#${id}`,
  sk: `${wordPrefix}${padded(place)}`,
})
/** A hostname that nobody gets again, and that is not to be read here. */
export const retiredHostKey = (hostname: string): Key => ({
  pk: `HOST#sha256#${createHash('sha256').update(hostname).digest('hex')}`,
  sk: 'HOST',
})
/** @param of the offer whose own trial it is. */
export const trialKey = (id: AccountId, of?: string): Key => ({
  pk: `ACCOUNT#${id}`,
  sk: of === undefined ? 'TRIAL' : `TRIAL#${of}`,
})
export const accountKey = (id: AccountId): Key => ({ pk: `ACCOUNT#${id}`, sk: 'ACCOUNT' })
export const memberKey = (id: AccountId, person: PersonId): Key => ({ pk: `ACCOUNT#${id}`, sk: `MEMBER#${person}` })
export const personKey = (id: PersonId): Key => ({ pk: `PERSON#${id}`, sk: 'PERSON' })
export const emailKey = (hash: string): Key => ({ pk: `EMAIL#${hash}`, sk: 'EMAIL' })
export const blueprintKey = (name: string, version: number): Key => ({
  pk: `BLUEPRINT#${name}`,
  sk: `VERSION#${padded(version)}`,
})
/** A blueprint's draft and availability, beside its versions. */
export const standingKey = (name: string): Key => ({ pk: `BLUEPRINT#${name}`, sk: 'STANDING' })
/** Ports, access points and the file system of a cell's sites: what a site has, and whose a port is. */
export const cellPortsKey = (cell: string): string => `PORTS#${cell}`
export const sitePortPrefix = 'SITE#'
export const portPrefix = 'PORT#'
export const sitePortKey = (cell: string, id: SiteId): Key => ({ pk: cellPortsKey(cell), sk: `${sitePortPrefix}${id}` })
export const portKey = (cell: string, port: number): Key => ({
  pk: cellPortsKey(cell),
  sk: `${portPrefix}${padded(port)}`,
})
/** The file system that has the data of a cell's sites. */
export const cellFileSystemKey = (cell: string): Key => ({ pk: cellPortsKey(cell), sk: 'FILE-SYSTEM' })
export const accessPointPrefix = 'ACCESS-POINT#'
/** The access point of a data directory of a cell's sites. */
export const accessPointKey = (cell: string, home: string): Key => ({
  pk: cellPortsKey(cell),
  sk: `${accessPointPrefix}${home}`,
})
/** An event of Stripe's that was taken note of. */
export const paymentKey = (id: string): Key => ({ pk: `PAYMENT#${id}`, sk: 'PAYMENT' })
/** The last who asked for billing to be reconciled; the events are below it. */
export const reconciliationRequestKey: Key = { pk: 'RECONCILIATION#billing', sk: 'REQUEST' }
/** The last report. Apart from the request: who may ask for a run may not write its result. */
export const billingReportKey: Key = { pk: 'BILLING-REPORT', sk: 'REPORT' }
/** The last measurement of a site's storage. */
export const storageReadingKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'STORAGE' })
/** The checkout that was begun last for a site. */
export const checkoutKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'CHECKOUT' })

/** A custom domain, below its site. */
export const domainPrefix = 'DOMAIN#'
export const domainKey = (id: SiteId, hostname: string): Key => ({ pk: `SITE#${id}`, sk: `${domainPrefix}${hostname}` })
/** A custom domain after its release, below its site. */
export const releasedPrefix = 'RELEASED#'
export const releasedDomainKey = (siteId: SiteId, id: DomainId): Key => ({
  pk: `SITE#${siteId}`,
  sk: `${releasedPrefix}${id}`,
})
/** The same as earlier versions stored it, beside the domain's events. */
export const formerReleasedDomainKey = (id: DomainId): Key => ({ pk: `DOMAIN#${id}`, sk: 'DOMAIN' })

const aggregatePrefix = {
  site: 'SITE',
  account: 'ACCOUNT',
  payment: 'PAYMENT',
  domain: 'DOMAIN',
  reconciliation: 'RECONCILIATION',
  rollout: 'ROLLOUT',
  lead: 'LEAD',
} as const

export const eventKey = (aggregate: { type: keyof typeof aggregatePrefix; id: string }, version: number): Key => ({
  pk: `${aggregatePrefix[aggregate.type]}#${aggregate.id}`,
  sk: `EVENT#${padded(version)}`,
})

/** Below the keys of sign-ups, so that the same permissions hold. */
const signupsOfAddress = (emailHash: string): string => `SIGNUP#OF#${emailHash}`
export const lastMailKey = (emailHash: string): Key => ({ pk: signupsOfAddress(emailHash), sk: 'MAIL' })
/** The sign-ups of an address, so that they can be erased. */
export const signupOfAddressPrefix = 'SIGNUP#'
export const signupOfAddressKey = (emailHash: string, id: SignupId | ''): Key => ({
  pk: signupsOfAddress(emailHash),
  sk: `${signupOfAddressPrefix}${id}`,
})
export const queuedMailKey = ({ id, createdAt }: { readonly id: string; readonly createdAt: string }): Key => ({
  pk: 'SIGNUP#QUEUE',
  sk: `${createdAt}#${id}`,
})
export const signupKey = (id: SignupId): Key => ({ pk: `SIGNUP#${id}`, sk: 'SIGNUP' })
/** Below a prefix of its own: routers may delete these items and write nothing else. */
export const entranceKey = (tokenHash: string): Key => ({ pk: `ENTRANCE#${tokenHash}`, sk: 'ENTRANCE' })
export const summaryLinkPartition = (id: SiteId): string => `SUMMARY#${id}`
export const summaryLinkKey = (siteId: SiteId, id: string): Key => ({
  pk: summaryLinkPartition(siteId),
  sk: `LINK#${id}`,
})
export const sessionKey = (tokenHash: string): Key => ({ pk: `SESSION#${tokenHash}`, sk: 'SESSION' })
/** The sessions of a person, so that they can be listed and erased. The sort key is the session's hash. */
export const sessionOfPersonKey = (id: PersonId, tokenHash: string): Key => ({ pk: `SESSION#OF#${id}`, sk: tokenHash })
/** Sessions of operators, below a prefix of their own: functions for owners have no permission on it. */
export const operatorSessionKey = (tokenHash: string): Key => ({ pk: `OPERATOR-SESSION#${tokenHash}`, sk: 'SESSION' })
export const sessionOfOperatorKey = (operatorId: string, tokenHash: string): Key => ({
  pk: `OPERATOR-SESSION#OF#${operatorId}`,
  sk: tokenHash,
})
/** One machine only: operators' sign-ins that have begun, and the one-time passwords that were used. */
export const operatorAttemptKey = (id: string): Key => ({ pk: `OPERATOR-ATTEMPT#${id}`, sk: 'ATTEMPT' })
export const usedPasswordKey = (operatorId: string, listedAs: string, step: number): Key => ({
  pk: `OPERATOR-PASSWORD#${operatorId}`,
  sk: `${listedAs}#${step}`,
})
export const windowKey = (key: string): Key => ({ pk: `WINDOW#${key}`, sk: 'WINDOW' })
/** What visitors did on a site. Routers may add to these items and write nothing else beside entrances. */
export const usagePartition = (id: SiteId): string => `USAGE#${id}`
/** @param name of the hour, or of the day and router. */
export const usageKey = (id: SiteId, period: UsagePeriod, name: string): Key => ({
  pk: usagePartition(id),
  sk: `${period.toUpperCase()}#${name}`,
})
/** What was known of a site that failed to start. */
export const evidencePartition = (id: SiteId): string => `EVIDENCE#${id}`
export const evidenceKey = (siteId: SiteId, id: string): Key => ({ pk: evidencePartition(siteId), sk: id })
/** The failures of all sites, oldest first, without what was observed. */
export const recentFailuresPartition = 'EVIDENCE#RECENT'
export const recentFailureKey = ({ at, siteId, id }: { at: string; siteId: SiteId; id: string }): Key => ({
  pk: recentFailuresPartition,
  sk: `${at}#${siteId}#${id}`,
})
export const idempotencyKey = (key: string): Key => ({ pk: `IDEMPOTENCY#${key}`, sk: 'IDEMPOTENCY' })

/** An index keyed by a status alone would be one hot partition. */
const shards = [0, 1, 2, 3] as const

/** The last character of a ULID is random, so it spreads. */
const shardOf = (id: string): number => id.charCodeAt(id.length - 1) % shards.length

export const statusKey = (status: SiteStatus, id: SiteId): string => `STATUS#${status}#${shardOf(id)}`
export const statusKeys = (status: SiteStatus): readonly string[] => shards.map((shard) => `STATUS#${status}#${shard}`)
/** How a site stood when it was counted last, and the totals; one item of totals would have every count wait for the others. */
export const countedKey = (id: SiteId): Key => ({ pk: `SITE#${id}`, sk: 'COUNTED' })
export const totalsPartition = 'TOTALS'
export const totalsPrefix = 'SHARD#'
export const totalsKey = (id: SiteId): Key => ({ pk: totalsPartition, sk: `${totalsPrefix}${shardOf(id)}` })
/** New sites and conversions of a day (UTC), in shards as the totals. */
export const dayTotalsPrefix = 'DAY#'
export const dayTotalsKey = (day: string, id: SiteId): Key => ({
  pk: totalsPartition,
  sk: `${dayTotalsPrefix}${day}#${shardOf(id)}`,
})
/** The sites of a cell, beside the totals. */
export const cellCountPrefix = 'CELL#'
export const cellCountKey = (cell: string): Key => ({ pk: totalsPartition, sk: `${cellCountPrefix}${cell}` })
/** When a running site is checked for use: apart from the site, whose record it does not change. */
export const idleKey = (id: SiteId): Key => ({ pk: `IDLE#${id}`, sk: 'IDLE' })
export const idleSweepKey: Key = { pk: 'IDLE-SWEEP', sk: 'SWEEP' }
type DueKind = DueEntry['kind'] | 'idle' | 'webhook'
export const dueKey = (kind: DueKind, id: SiteId | Id<'msg'>): string => `DUE#${kind}#${shardOf(id)}`
export const domainDueKey = (id: DomainId): string => `DUE#domain#${shardOf(id)}`
export const domainDueKeys: readonly string[] = shards.map((shard) => `DUE#domain#${shard}`)
export const dueKeys = (kind: DueKind): readonly string[] => shards.map((shard) => `DUE#${kind}#${shard}`)
export const poolKey = (cell: string, blueprint: string): string => `POOL#${cell}#${blueprint}`
/** Without an id, what the keys of that version begin with. */
export const poolSort = (version: number, id: SiteId | ''): string => `${padded(version)}#${id}`
export const outboxKey = 'OUTBOX'

/** The brake: its state and its history. */
const brakePartition = 'BRAKE'
export const brakeKey: Key = { pk: brakePartition, sk: 'STATE' }
export const brakeActPrefix = 'ACT#'
/** The operators' settings for new trials, one item a version. */
export const trialControlsPartition = 'TRIAL-CONTROLS'
export const trialControlsKey = (version: number): Key => ({
  pk: trialControlsPartition,
  sk: `VERSION#${padded(version)}`,
})
/** Who waits for a trial: by account, and in the order of their turn. */
export const waitingPartition = 'WAITING'
export const waitingKey = (id: AccountId): Key => ({ pk: `ACCOUNT#${id}`, sk: 'WAITING' })
export const waitingTurnKey = (prefix: string, at: string, id: AccountId): Key => ({
  pk: waitingPartition,
  sk: `${prefix}${at}#${id}`,
})
export const brakeActKey = (version: number): Key => ({ pk: brakePartition, sk: `${brakeActPrefix}${padded(version)}` })

/** The last roll-out of each blueprint. */
export const rolloutsPartition = 'ROLLOUTS'
export const rolloutKey = (blueprint: string): Key => ({ pk: rolloutsPartition, sk: blueprint })

/** Where webhooks are sent. */
export const webhookEndpointsPartition = 'WEBHOOKS'
export const webhookEndpointKey = (id: Id<'hook'>): Key => ({ pk: webhookEndpointsPartition, sk: id })
/** In the main table what is queued for an endpoint, by message; in the short one its log. */
export const webhookPartition = (endpointId: Id<'hook'>): string => `WEBHOOK#${endpointId}`
export const webhookKey = (endpointId: Id<'hook'>, id: Id<'msg' | 'att'>): Key => ({
  pk: webhookPartition(endpointId),
  sk: id,
})

/** The audit log, oldest first. */
export const auditPartition = 'AUDIT'
export const auditKey = ({ at, id }: { readonly at: string; readonly id: string }): Key => ({
  pk: auditPartition,
  sk: `${at}#${id}`,
})
/** Refusals to those who are signed in, by hour. */
export const refusalsPartition = 'REFUSALS'
export const refusalKey = ({ hour, who, problem, feature }: Refusal): Key => ({
  pk: refusalsPartition,
  sk: `${hour}#${who.kind}#${who.id}#${problem}${feature === undefined ? '' : `#${feature}`}`,
})

/** Leftovers that are watched before they are removed. */
export const quarantinePartition = 'QUARANTINE'
export const quarantineKey = ({ kind, id }: { readonly kind: string; readonly id: string }): Key => ({
  pk: quarantinePartition,
  sk: `${kind}#${id}`,
})
/** Attempts at operations that wait for jobs of the archiver; those of a site begin with its id. */
export const jobWaitsPartition = 'JOBS'
export const jobWaitKey = (attempt: { siteId: SiteId; operationId: string; fence: number }): Key => ({
  pk: jobWaitsPartition,
  sk: `${attempt.siteId}#${attempt.operationId}#${attempt.fence}`,
})

/** An account's lead; its events are below it. */
export const leadKey = (id: AccountId): Key => ({ pk: `LEAD#${id}`, sk: 'LEAD' })
export const leadDueKey = (id: AccountId): string => `DUE#lead#${shardOf(id)}`
export const leadDueKeys: readonly string[] = shards.map((shard) => `DUE#lead#${shard}`)
/** Lists of leads, each in an index that sites have for something else. */
export const leadStageKey = (stage: LeadStage): string => `LEAD#STAGE#${stage}`
/** Leads with an assignee or a next step, by assignee. */
export const attendedLeadsKey = 'LEAD#ATTENDED'
export const unassignedLeadsKey = 'LEAD#UNASSIGNED'
export const leadDeadlinesKey = 'LEAD#DEADLINES'

/** What connects an account to its rows in reports. */
export const reportAccountKey = (id: AccountId): Key => ({ pk: `REPORT-ACCOUNT#${id}`, sk: 'REPORT-ACCOUNT' })
/** Rows of reports, by hour. */
export const rowPartition = (table: ReportTable, hour: string): string => `ROWS#${table}#${hour}`
/** The hours whose file is old. */
export const changedRowsPartition = 'ROWS#CHANGED'
export const changedRowsKey = (table: ReportTable, hour: string): Key => ({
  pk: changedRowsPartition,
  sk: `${table}#${hour}`,
})

/** The open tasks of closed accounts, by kind. */
export const closurePartition = 'CLOSURES'
export const closureTaskKey = ({ kind, accountId }: Pick<ClosureTask, 'kind' | 'accountId'>): Key => ({
  pk: closurePartition,
  sk: `${kind}#${accountId}`,
})
