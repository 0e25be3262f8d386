import type { RedactCustomersPorts } from '../../core/account/erase-people.ts'
import { redactCustomers } from '../../core/account/erase-people.ts'
import type { ExpireCheckoutsPorts } from '../../core/billing/expire-checkouts.ts'
import { expireCheckouts } from '../../core/billing/expire-checkouts.ts'
import type { ConvergePorts } from '../../core/billing/handle-billing-event.ts'
import { handleBillingEvent } from '../../core/billing/handle-billing-event.ts'
import type { RunReconciliationPorts } from '../../core/billing/reconciliation/run-reconciliation.ts'
import { runReconciliation } from '../../core/billing/reconciliation/run-reconciliation.ts'
import { withdrawDomain } from '../../core/domains/check-domains.ts'
import type { DomainPorts, FollowUrlPorts } from '../../core/domains/look-at-domain.ts'
import { followSite, followUrl } from '../../core/domains/look-at-domain.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { isCustomDomainEvent, isSiteEvent } from '../../core/events/event-names.ts'
import type { BringUpPorts } from '../../core/reconcile/bring-up.ts'
import { bringUpSite } from '../../core/reconcile/bring-up.ts'
import type { ActPorts } from '../../core/site/change-site.ts'
import { startOperation } from '../../core/site/change-site.ts'
import type { FollowPlanPorts } from '../../core/site/resize/follow-plan.ts'
import { followPlan } from '../../core/site/resize/follow-plan.ts'
import type { FollowTaskPorts, TaskNews } from '../../core/site/run/follow-task.ts'
import { followTask as follow } from '../../core/site/run/follow-task.ts'
import type { IdlePorts } from '../../core/sleep/follow-use.ts'
import { followUse } from '../../core/sleep/follow-use.ts'

// Each function turns an event into a call of core.

/** An owner who resumes a site waits for it. If it cannot start now, the sweep starts it. */
export const startAgain = async (ports: BringUpPorts, event: DomainEvent): Promise<void> => {
  if (isSiteEvent(event)) await bringUpSite(ports, event.aggregate.id, event.id)
}

/** Resizes a site for its new plan, or tells its product its URL, at once or when its current operation ends. */
export const followPlanChange = async (ports: FollowPlanPorts, event: DomainEvent): Promise<void> => {
  if (!isSiteEvent(event)) return
  const previousPlan = 'previousPlan' in event.data ? event.data.previousPlan : undefined
  await followPlan(ports, event.aggregate.id, event.id, { previousPlan })
}

/** Hands a site over at once that has got its owner. If it cannot start now, the sweep starts it. */
export const beginHandOver = async (
  { sites, workflows }: Pick<ActPorts, 'sites' | 'workflows'>,
  event: DomainEvent,
): Promise<void> => {
  const site = isSiteEvent(event) ? await sites.get(event.aggregate.id) : undefined
  if (site?.status === 'active' && site.operation?.kind === 'handover') await startOperation(workflows, site)
}

/** Schedules the check of a site that runs from now on, and wakes one that may no longer sleep. */
export const followSiteUse = async (ports: IdlePorts, event: DomainEvent): Promise<void> => {
  if (isSiteEvent(event)) await followUse(ports, event.aggregate.id, event.id)
}

export const followSiteDomains = async (ports: DomainPorts, event: DomainEvent): Promise<void> => {
  if (isSiteEvent(event)) await followSite(ports, event.aggregate.id, event.id)
}

export const followSiteUrl = async (ports: FollowUrlPorts, event: DomainEvent): Promise<void> => {
  if (isCustomDomainEvent(event)) await followUrl(ports, event.data.siteId, event.id)
}

export const withdrawReleasedDomain = async (
  ports: Parameters<typeof withdrawDomain>[0],
  event: DomainEvent,
): Promise<void> => {
  if (!isCustomDomainEvent(event)) return
  await withdrawDomain(ports, { siteId: event.data.siteId, id: event.aggregate.id })
}

interface FollowTaskFunctionPorts extends FollowTaskPorts {
  readonly readTaskNews: (detail: unknown) => Promise<TaskNews | undefined>
}

export const followTask = async (ports: FollowTaskFunctionPorts, detail: unknown, eventId: string): Promise<void> => {
  const news = await ports.readTaskNews(detail)
  if (news !== undefined) await follow(ports, news, eventId)
}

/** An operator's request has an id; a call without one comes from the clock. */
export const reconcileBilling = async (
  ports: RunReconciliationPorts & RedactCustomersPorts,
  causationId: string,
  request?: DomainEvent,
): Promise<void> => {
  try {
    await runReconciliation(ports, { isAsked: request !== undefined, causationId })
  } finally {
    await redactCustomers(ports)
  }
}

/** Redacts customers of erased accounts; anything else may be about a payment, or make one needless. */
export const updateBilling = async (
  ports: ConvergePorts & RedactCustomersPorts & ExpireCheckoutsPorts,
  event: DomainEvent,
): Promise<void> => {
  if (event.type === 'AccountErased') return redactCustomers(ports)
  await handleBillingEvent(ports, event)
  await expireCheckouts(ports, event)
}
