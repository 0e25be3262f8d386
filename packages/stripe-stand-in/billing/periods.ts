import type { Interval } from '../resources/prices.ts'

const day = 86_400

/** The same day some months later, or the last of a shorter month: https://docs.stripe.com/billing/subscriptions/billing-cycle */
const plusMonths = (anchor: number, months: number): number => {
  const from = new Date(anchor * 1000)
  const first = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, 1)
  const month = new Date(first)
  const daysOfMonth = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate()
  const dayOfMonth = Math.min(from.getUTCDate(), daysOfMonth)
  return first / 1000 + (dayOfMonth - 1) * day + (anchor % day)
}

/**
 * The end of the period in which `after` lies. Boundaries are counted from the anchor, so that a short month shifts none of the
 * later ones. All in seconds since 1970.
 */
export const periodEnd = (anchor: number, interval: Interval, after: number): number => {
  for (let times = 1; ; times += 1) {
    const end = plusMonths(anchor, interval === 'month' ? times : 12 * times)
    if (end > after) return end
  }
}
