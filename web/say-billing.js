// @ts-check
import { sayInstant } from './say-instant.js'
import { sayWait } from './say-wait.js'

/**
 * What the pages read of how a site is paid for. Instants are RFC 3339.
 * @typedef {{
 *   state: 'none' | 'active' | 'past-due' | 'paused' | 'ended', plan: string, interval: string | null,
 *   currency: string | null, paidThrough: string | null, cancelsAtPeriodEnd: boolean,
 *   pastDueSince: string | null, graceEndsAt: string | null, customerId: string | null,
 * }} Billing
 */

/** @param {Billing} billing */
const everyPeriod = ({ interval }) => (interval === 'year' ? 'by the year' : 'by the month')

/** @param {Billing} billing @param {string} now */
const whatIsLeft = ({ paidThrough }, now) =>
  paidThrough !== null && paidThrough > now
    ? `It is paid for until ${sayInstant(paidThrough)}. That is ${sayWait(paidThrough, now)}.`
    : ''

/**
 * How a site is paid for, in a sentence or two; empty where it is not.
 * @param {Billing} billing @param {string} now by the clock that deadlines go by; RFC 3339
 */
export const billingText = (billing, now) => {
  const { state, cancelsAtPeriodEnd, paidThrough } = billing
  if (state === 'paused') return `Its subscription is paused. ${whatIsLeft(billing, now)}`.trim()
  if (state === 'ended') return `Its subscription has ended. ${whatIsLeft(billing, now)}`.trim()
  if (state !== 'active') return ''
  if (paidThrough === null) return `It is paid ${everyPeriod(billing)}.`
  return cancelsAtPeriodEnd
    ? `Its subscription ends on ${sayInstant(paidThrough)}, and is not renewed. Until then everything stays as it is.`
    : `It is paid ${everyPeriod(billing)}, and renews on ${sayInstant(paidThrough)}.`
}

/**
 * What an owner has to do so that the site goes on; empty where that is nothing.
 * @param {Billing} billing @param {string} now
 */
export const dueText = ({ state, graceEndsAt }, now) => {
  if (state !== 'past-due') return ''
  const failed = 'The last payment failed.'
  if (graceEndsAt === null) return `${failed} Look at it under “Manage payment”.`
  return graceEndsAt > now
    ? `${failed} Pay by ${sayInstant(graceEndsAt)}, or the site is switched off then. Its data is kept.`
    : `${failed} The site is switched off until that is paid. Its data is kept.`
}
