import type { PageSettings } from '../settings.ts'

/** Why an offer takes no sign-ups today, and the day that decides; undefined while it takes them. The API decides. */
export const closedBy = ({
  firstDay,
  lastDay,
}: PageSettings): { readonly why: 'not-yet' | 'ended'; readonly day: string } | undefined => {
  const today = new Date().toISOString().slice(0, 10)
  if (firstDay !== undefined && today < firstDay) return { why: 'not-yet', day: firstDay }
  return lastDay !== undefined && today > lastDay ? { why: 'ended', day: lastDay } : undefined
}

/** Whether an account with these sites may have a trial of the page's offer. A failed build gives a trial back. The API decides. */
export const mayHaveTrial = (
  sites: readonly { readonly status: string; readonly offer: string | null }[],
  settings: PageSettings,
): boolean => {
  const hasOwn = settings.trials === 'one-per-offer' && closedBy(settings) === undefined
  return sites.every(({ status, offer }) => status === 'failed' || (hasOwn && offer !== (settings.offer ?? null)))
}
