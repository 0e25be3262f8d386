import { createHmac } from 'node:crypto'
import type * as z from 'zod'
import type { DomainEvent } from '../../core/events/event.ts'
import { accountOf, isSiteEvent, siteStatusEvents } from '../../core/events/event-names.ts'
import type { AccountId, SiteId } from '../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Clocks, Randomness } from '../../core/ports/context.ts'
import type { SiteBilling } from '../../core/site/site-billing.ts'
import type { Account } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { monthlyAmountOf } from '../billing/revenue.ts'
import { defaultOffer } from '../offers/offer.ts'
import { attributionSchema } from '../signup/attribution.ts'
import type { ReportAccounts, ReportRows } from './ports.ts'
import type { AccountOrigin, EventRow, UsageRow } from './report-row.ts'
import type { PeriodOfUsage } from './usage/ports.ts'

/** The name of something in the rows of an account: as long as nobody knows the secret, it tells nothing about the id. */
export const rowName = ({ secret }: Pick<AccountOrigin, 'secret'>, id: string): string =>
  createHmac('sha256', secret).update(id).digest('base64url').slice(0, 22)

const campaignSchema = attributionSchema.pick({ source: true, medium: true, campaign: true })

/** Where visitors came from, without what looks like the address of a person. */
export const campaignOf = (attribution: z.infer<typeof campaignSchema>): z.infer<typeof campaignSchema> =>
  campaignSchema.parse(
    Object.fromEntries(
      Object.entries(campaignSchema.strip().parse(attribution)).filter(([, text]) => !text?.includes('@')),
    ),
  )

const originOf = ({ offer, variant, attribution = {}, createdAt }: Account, secret: string): AccountOrigin => ({
  schemaVersion: 1,
  secret,
  offer: offer ?? defaultOffer,
  ...(variant === undefined ? {} : { variant }),
  ...campaignOf(attribution),
  signedUpAt: createdAt,
})

export interface ReportAccountPorts {
  readonly reportAccounts: Pick<ReportAccounts, 'get' | 'create'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly randomness: Randomness
}

/** Finds what connects an account to its rows, or creates it; undefined for an account that is erased, or that came with an invitation to a team and is not opened. */
export const reportAccountOf = async (
  { reportAccounts, accounts, randomness }: ReportAccountPorts,
  id: AccountId,
): Promise<AccountOrigin | undefined> => {
  const known = await reportAccounts.get(id)
  if (known !== undefined) return known
  const account = await accounts.get(id)
  if (account === undefined || account.closure?.state === 'erased' || account.invited) return undefined
  await reportAccounts.create(id, originOf(account, randomness.token()))
  // If two create it, one succeeds.
  return reportAccounts.get(id)
}

export const columnsOfAccount = (origin: AccountOrigin) => {
  const { secret: _, schemaVersion: __, signedUpAt: ___, ...columns } = origin
  return { account: rowName(origin, 'account'), ...columns }
}

export const reportedSiteEvents = [
  ...siteStatusEvents,
  'TrialExtended',
  'SiteBillingChanged',
  'SitePlanChanged',
  'SitePaymentReturned',
  'SiteDeletionRequested',
  'SiteDeletionRevoked',
] as const

export const reportedAccountEvents = [
  'AccountOpened',
  'AccountClosed',
  'AccountReopened',
  'AccountErased',
  'LeadStageChanged',
  'LeadActivated',
  'ContactRequested',
] as const

const reported: ReadonlySet<string> = new Set([...reportedSiteEvents, ...reportedAccountEvents])

/** Whether reports use an event of the history: also an operation that began with a payment. */
export const isReported = ({ type, data }: DomainEvent): boolean =>
  reported.has(type) || (type === 'SiteOperationBegun' && 'billing' in data && data.billing !== undefined)

/** For how many days rows wait for their file. */
const rowDays = 35

/** A site is in a trial at first, and pays nothing after its end. Other changes are in its billing. */
const paysNothing: ReadonlySet<string> = new Set(['SiteRequested', 'SiteClaimed', 'PreparedSiteClaimed', 'SitePurged'])

const amountOf = (type: string, billing: SiteBilling | undefined, plans: PlanCatalogue) => {
  if (billing !== undefined) return { monthlyAmount: monthlyAmountOf(billing, plans), currency: billing.currency }
  return paysNothing.has(type) ? { monthlyAmount: 0 } : {}
}

const siteColumns = (event: DomainEvent, origin: AccountOrigin, plans: PlanCatalogue): Partial<EventRow> => {
  if (event.type === 'ContactRequested') return { site: rowName(origin, event.data.siteId) }
  if (event.type === 'LeadStageChanged') return { stage: event.data.stage }
  if (!isSiteEvent(event)) return {}
  const { type, aggregate, data } = event
  return {
    site: rowName(origin, aggregate.id),
    plan: data.plan,
    ...('previousPlan' in data && data.previousPlan !== undefined ? { previousPlan: data.previousPlan } : {}),
    ...amountOf(type, 'billing' in data ? data.billing : undefined, plans),
  }
}

export interface RecordPorts extends ReportAccountPorts {
  readonly reportRows: Pick<ReportRows, 'put'>
  readonly clocks: Clocks
}

export interface RecordEventPorts extends RecordPorts {
  readonly plans: PlanCatalogue
}

export const keptUntil = ({ clocks }: Pick<RecordPorts, 'clocks'>): string => plusDays(clocks.wall(), rowDays)

/**
 * Writes the row of an event, as often as it comes. What connects an account to its rows is deleted two weeks after its erasure; an event that
 * comes later has no row.
 */
export const recordEvent = async (ports: RecordEventPorts, event: DomainEvent): Promise<void> => {
  const accountId = accountOf(event)
  if (accountId === undefined) return
  const origin = await reportAccountOf(ports, accountId)
  if (origin === undefined) return
  const id = rowName(origin, event.id)
  const row: EventRow = {
    id,
    at: event.at,
    type: event.type,
    ...columnsOfAccount(origin),
    signedUpAt: origin.signedUpAt,
    ...siteColumns(event, origin, ports.plans),
  }
  await ports.reportRows.put('events', { id, row, keptUntil: keptUntil(ports) })
}

const hourMilliseconds = 3_600_000

/** Routers count by the wall clock; rows have the hour of the domain clock, which tests advance. */
export const hourOfRow = ({ domain, wall }: Clocks, start: Instant): Instant => {
  const hoursAhead = Math.round((Date.parse(domain()) - Date.parse(wall())) / hourMilliseconds)
  return plusMilliseconds(start, hoursAhead * hourMilliseconds)
}

/** Writes the rows of hours of usage. A row that is recorded again is replaced. @param hours with the hours of their rows, if they have some. */
export const recordUsage = async (
  ports: RecordPorts,
  accountId: AccountId,
  siteId: SiteId,
  hours: readonly (PeriodOfUsage & { readonly at?: Instant })[],
): Promise<void> => {
  if (hours.length === 0) return
  const origin = await reportAccountOf(ports, accountId)
  if (origin === undefined) return
  const site = rowName(origin, siteId)
  for (const { start, usage, at = hourOfRow(ports.clocks, start) } of hours) {
    const { requests, clientErrors, serverErrors, bytes, productEvents } = usage
    const row: UsageRow = {
      at,
      ...columnsOfAccount(origin),
      site,
      ...{ requests, clientErrors, serverErrors, bytes },
      productEvents: [...(productEvents?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    }
    await ports.reportRows.put('usage', { id: site, row, keptUntil: keptUntil(ports) })
  }
}
