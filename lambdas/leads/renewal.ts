import { type Instant, plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import { isKept, isLive, type KeptSite, type Site } from '../../core/site/site.ts'
import type { Lead } from './lead.ts'
import type { LeadFacts } from './lead-rules.ts'
import { furthestDays } from './score-lead.ts'

/** In days before the end of a contract. */
const renewalDays = 60

const dueOf = (lastDay: string): Instant => plusDays(`${lastDay}T00:00:00.000Z`, -renewalDays)

/** When a contract should be talked about; undefined without one. */
const renewalOf = ({ contractEndsOn }: Lead['facts']): Instant | undefined => contractEndsOn && dueOf(contractEndsOn)

/** The contract that covers a site here. One of a site that has moved goes on elsewhere. */
const contractOf = (site: KeptSite): KeptSite['contract'] =>
  isLive(site) || site.suspendedBecause !== 'moved' ? site.contract : undefined

/** Paid for by a subscription or by agreement. A contract goes on when the subscription ends that was before it. */
export const isPaid = ({ plans }: Pick<Context, 'plans'>, site: KeptSite): boolean =>
  contractOf(site) !== undefined || (plans.find(site.plan).kind !== 'trial' && site.billing?.state !== 'ended')

export const paymentOf = (paid: readonly KeptSite[]): LeadFacts['payment'] => {
  const states = paid.flatMap((site) => (contractOf(site) === undefined ? (site.billing ?? []) : []))
  if (states.some(({ state }) => state === 'past-due' || state === 'paused')) return 'overdue'
  return states.some(({ cancelsAtPeriodEnd }) => cancelsAtPeriodEnd) ? 'cancelled' : undefined
}

const lastDays = (sites: readonly Site[]): readonly string[] =>
  sites
    .filter(isKept)
    .flatMap((site) => contractOf(site)?.lastDay ?? [])
    .toSorted()

/** The last day of the contract that came due last, so that each of several is talked about; before, of the first one. */
export const contractEnd = (sites: readonly Site[], now: Instant): string | undefined => {
  const days = lastDays(sites)
  return days.findLast((day) => dueOf(day) <= now) ?? days[0]
}

/** When a lead is scored again for its next contract. Looks further ahead are taken for those of a clock that was ahead. */
export const renewalLook = (sites: readonly Site[], now: Instant): Instant | undefined => {
  const due = lastDays(sites)
    .map(dueOf)
    .find((at) => at > now)
  const furthest = plusDays(now, furthestDays)
  return due === undefined || due < furthest ? due : furthest
}

/** Whether a contract ends soon, or has ended, and nobody has done the next step. */
export const isRenewalDue = ({ facts, work }: Pick<Lead, 'facts' | 'work'>, now: Instant): boolean => {
  const due = renewalOf(facts)
  return due !== undefined && due <= now && work.nextStep !== undefined
}

/** Adds the next step to renew a contract, once its time has come. Somebody who removes it, or plans another one, is not asked again. */
export const withRenewal = (lead: Lead, before: Lead | undefined, now: Instant): Lead => {
  const due = renewalOf(lead.facts)
  if (due === undefined || due > now) return lead
  const wasTold = before !== undefined && renewalOf(before.facts) === due && before.scoredAt >= due
  const { nextStep } = lead.work
  // Another contract may come due while the step of the first one is open.
  const renew = `renew by ${lead.facts.contractEndsOn}`
  if (wasTold || nextStep?.text.split('; ').includes(renew)) return lead
  const text = [renew, ...(nextStep === undefined ? [] : [nextStep.text])].join('; ')
  const at = nextStep !== undefined && nextStep.at < due ? nextStep.at : due
  return { ...lead, work: { ...lead.work, nextStep: { text, at } } }
}
