import { type Instant, plusDays } from '../../core/instant.ts'
import { furthestDays, type Lead } from './lead.ts'

/** In days before the end of a contract. */
const renewalDays = 60

/** When a contract should be talked about; undefined without one. */
const renewalOf = ({ contractEndsOn }: Lead['facts']): Instant | undefined =>
  contractEndsOn && plusDays(`${contractEndsOn}T00:00:00.000Z`, -renewalDays)

/** When a lead is scored again for its contract. Looks further ahead are taken for those of a clock that was ahead. */
export const renewalLook = (facts: Lead['facts'], now: Instant): Instant | undefined => {
  const due = renewalOf(facts)
  if (due === undefined || due <= now) return undefined
  const furthest = plusDays(now, furthestDays)
  return due < furthest ? due : furthest
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
  if (wasTold) return lead
  const { nextStep } = lead.work
  const text = ['renew', ...(nextStep === undefined ? [] : [nextStep.text])].join('; ')
  const at = nextStep !== undefined && nextStep.at < due ? nextStep.at : due
  return { ...lead, work: { ...lead.work, nextStep: { text, at } } }
}
