import type { PageSettings } from '../settings.ts'

/** The id of the installation's own offer. */
export const ownOffer = 'default'

export interface Closed {
  readonly why: 'not-yet' | 'ended'
  readonly day: string
}

/** Why an offer takes no sign-ups today, and the day that decides; undefined while it takes them. The API decides. */
export const closedBy = ({ firstDay, lastDay }: PageSettings): Closed | undefined => {
  const today = new Date().toISOString().slice(0, 10)
  if (firstDay !== undefined && today < firstDay) return { why: 'not-yet', day: firstDay }
  return lastDay !== undefined && today > lastDay ? { why: 'ended', day: lastDay } : undefined
}

/** Whether an account with these sites may have a trial of the page's offer. A failed build gives a trial back. The API decides. */
export const mayHaveTrial = (
  sites: readonly { readonly status: string; readonly trialOf: string | null }[],
  settings: PageSettings,
): boolean => {
  const hasOwn = settings.trials === 'one-per-offer' && closedBy(settings) === undefined
  return sites.every(
    ({ status, trialOf }) => status === 'failed' || (hasOwn && trialOf !== (settings.offer ?? ownOffer)),
  )
}
