import { type Instant, plusDays } from '../../core/instant.ts'
import { furthestDays, type Lead } from './lead.ts'
import type { LeadPolicy } from './lead-rules.ts'

/** What people wrote about a lead is kept while it is not lost, and for `retentionDays` after the last of it. */
const keptUntil = ({ stageSince, work, contactRequests }: Lead, { retentionDays }: LeadPolicy): Instant => {
  const written = [...work.notes, ...contactRequests, ...(work.nextStep === undefined ? [] : [work.nextStep])]
  const last = written.reduce((latest, { at }) => (at > latest ? at : latest), stageSince)
  return plusDays(last, retentionDays)
}

/** The lead without messages, notes and next step, if it was lost for that long; otherwise it is scored again in time. */
export const forgetWords = (lead: Lead, policy: LeadPolicy, now: Instant): Lead => {
  const { stage, work, contactRequests, lookAt } = lead
  const hasWords = contactRequests.length > 0 || work.notes.length > 0 || work.nextStep !== undefined
  if (stage !== 'lost' || !hasWords) return lead
  const until = keptUntil(lead, policy)
  if (until > now) {
    const next = [lookAt ?? until, until, plusDays(now, furthestDays)].toSorted()[0] ?? until
    return { ...lead, lookAt: next }
  }
  const { nextStep: _, ...rest } = work
  return { ...lead, contactRequests: [], work: { ...rest, notes: [] } }
}
