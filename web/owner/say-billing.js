// @ts-check
import { joinSentences } from './join-sentences.js'
import { sayInstant } from './say-instant.js'
import { sayDeadline } from './say-wait.js'

/**
 * The fields of a subscription that the pages read. Instants are RFC 3339.
 * @typedef {{
 *   state: 'none' | 'active' | 'past-due' | 'paused' | 'ended', plan: string, interval: string | null,
 *   currency: string | null, paidThrough: string | null, cancelsAtPeriodEnd: boolean,
 *   pastDueSince: string | null, graceEndsAt: string | null, runsUntil: string | null, disputed: boolean,
 *   pendingChange: {plan: string, interval: string, confirmBy: string} | null,
 *   customerId: string | null,
 * }} Billing
 */
/**
 * `now`: the time of the domain clock, RFC 3339; `runs`: whether the site runs now.
 * @typedef {{now: string, runs: boolean}} Moment
 */

/** @param {Billing} billing */
const everyPeriod = ({ interval }) => (interval === 'year' ? 'yearly' : 'monthly')

/** @param {Billing} billing @param {Moment} moment */
const whatIsLeft = ({ runsUntil }, { now, runs }) =>
  runs && runsUntil !== null && runsUntil > now
    ? `Your site will be suspended on ${sayDeadline(runsUntil, now)}. Its data is kept.`
    : ''

/** @param {Billing} billing @param {Moment} moment */
const cancelledText = ({ paidThrough }, { runs }) => {
  const until = paidThrough === null ? 'at the end of its period' : `on ${sayInstant(paidThrough)}`
  const then = runs ? ' Until then nothing changes. Then your site is suspended, and its data is kept.' : ''
  return `Your subscription is cancelled and ends ${until}.${then}`
}

/** @param {Billing} billing @param {Moment} moment */
const runningText = (billing, moment) => {
  const { cancelsAtPeriodEnd, paidThrough } = billing
  if (cancelsAtPeriodEnd) return cancelledText(billing, moment)
  return paidThrough === null
    ? `Your subscription is billed ${everyPeriod(billing)}.`
    : `Your subscription is billed ${everyPeriod(billing)} and renews on ${sayInstant(paidThrough)}.`
}

/**
 * Describes the subscription; empty without one.
 * @param {Billing} billing @param {Moment} moment
 */
export const billingText = (billing, moment) => {
  const left = whatIsLeft(billing, moment)
  switch (billing.state) {
    case 'active':
      return runningText(billing, moment)
    case 'paused':
      return joinSentences('Your subscription is paused. Nothing is charged.', left, 'Write to us to resume it.')
    case 'ended':
      return joinSentences('Your subscription has ended.', left, 'Choose a plan to continue.')
    default:
      return ''
  }
}

/**
 * Tells the owner of an overdue payment; empty without one.
 * @param {Billing} billing @param {Moment} moment
 */
export const dueText = ({ state, graceEndsAt }, { now, runs }) => {
  if (state !== 'past-due') return ''
  const failed = 'Your last payment failed.'
  const where = 'Choose “Manage payment” to use another card.'
  if (graceEndsAt === null) return `${failed} ${where}`
  if (graceEndsAt <= now) return `${failed} Your site is suspended until you pay. Its data is kept. ${where}`
  const otherwise = runs ? '; otherwise your site is suspended. Its data is kept.' : '.'
  return `${failed} Pay by ${sayInstant(graceEndsAt)}${otherwise} ${where}`
}

/**
 * Tells the owner of a plan change that waits for the bank; empty without one.
 * @param {Pick<Billing, 'pendingChange'>} billing @param {Pick<Moment, 'now'>} moment
 */
export const pendingText = ({ pendingChange }, { now }) =>
  pendingChange === null || pendingChange.confirmBy <= now
    ? ''
    : `Waiting for your bank. Confirm the payment by ${sayDeadline(pendingChange.confirmBy, now)}. Until then your plan stays as it is.`

/** Describes a disputed payment; empty without one. @param {Billing} billing */
export const disputeText = ({ disputed }) =>
  disputed
    ? 'A payment for this site is disputed at your bank. Your site keeps running while we look into it. Write to us if you have questions.'
    : ''

/**
 * Confirms a plan change. The answer may still have the previous plan.
 * @param {Pick<Billing, 'plan' | 'interval'>} billing @param {{plan: string, name: string, interval: string}} choice
 */
export const changeText = ({ plan, interval }, choice) =>
  plan === choice.plan && interval === choice.interval
    ? `Your site is now on the ${choice.name} plan.`
    : `You changed to the ${choice.name} plan. This page will show the new plan in a moment.`
