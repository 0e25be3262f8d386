import type { DomainEvent } from '../../core/events/event.ts'
import { accountOf, isSiteEvent, siteStatusEvents } from '../../core/events/event-names.ts'
import { plusDays } from '../../core/instant.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { SiteBilling } from '../../core/site/site-billing.ts'
import { monthlyAmountOf } from '../billing/revenue.ts'
import type { ReportRows } from './ports.ts'
import { columnsOfAccount, type ReportAccountPorts, reportAccountOf, rowName } from './report-account.ts'
import type { AccountOrigin, EventRow } from './report-row.ts'

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
