import type { Recurring } from '../records/price.ts'

const day = 86_400

/** The same day some months later, or the last of a month that is shorter: https://docs.stripe.com/billing/subscriptions/billing-cycle */
const plusMonths = (anchor: number, months: number): number => {
  const from = new Date(anchor * 1000)
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1)
  const month = new Date(first)
  const daysOfMonth = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate()
  const dayOfMonth = Math.min(from.getUTCDate(), daysOfMonth)
  return first / 1000 + (dayOfMonth - 1) * day + (anchor % day)
}

const plusIntervals = (anchor: number, { interval, intervalCount }: Recurring, times: number): number => {
  const count = intervalCount * times
  if (interval === 'day') return anchor + count * day
  if (interval === 'week') return anchor + count * 7 * day
  return plusMonths(anchor, interval === 'month' ? count : 12 * count)
}

/**
 * When the period ends that `after` lies in: the first boundary after it, counted from the anchor, so that a month that is
 * too short shifts none of the later ones. All in seconds since 1970.
 */
export const periodEnd = (anchor: number, recurring: Recurring, after: number): number => {
  for (let times = 1; ; times += 1) {
    const end = plusIntervals(anchor, recurring, times)
    if (end > after) return end
  }
}
