// @ts-check
import { joinSentences } from './join-sentences.js'
import { sayInstant } from './say-instant.js'
import { sayWait } from './say-wait.js'

/**
 * What the pages read of how a site is paid for. Instants are RFC 3339.
 * @typedef {{
 *   state: 'none' | 'active' | 'past-due' | 'paused' | 'ended', plan: string, interval: string | null,
 *   currency: string | null, paidThrough: string | null, cancelsAtPeriodEnd: boolean,
 *   pastDueSince: string | null, graceEndsAt: string | null, runsUntil: string | null, disputed: boolean,
 *   customerId: string | null,
 * }} Billing
 */
/**
 * `now` is by the clock that deadlines go by, RFC 3339; `runs`: the site does just now, whatever becomes of its subscription.
 * @typedef {{now: string, runs: boolean}} Moment
 */

/** @param {Billing} billing */
const everyPeriod = ({ interval }) => (interval === 'year' ? 'by the year' : 'by the month')

const switchedOff = 'the site is switched off, and its data is kept.'

/** @param {Billing} billing @param {Moment} moment */
const whatIsLeft = ({ runsUntil }, { now, runs }) =>
  runs && runsUntil !== null && runsUntil > now
    ? `The site runs until ${sayInstant(runsUntil)}. That is ${sayWait(runsUntil, now)}. Then ${switchedOff}`
    : ''

/** @param {Billing} billing @param {Moment} moment */
const cancelledText = ({ paidThrough }, { runs }) => {
  const until = paidThrough === null ? 'with its period' : `on ${sayInstant(paidThrough)}`
  const then = runs ? ` Until then everything stays as it is. Then ${switchedOff}` : ''
  return `Its subscription is cancelled: it ends ${until}, and is not renewed.${then}`
}

/** @param {Billing} billing @param {Moment} moment */
const runningText = (billing, moment) => {
  const { cancelsAtPeriodEnd, paidThrough } = billing
  if (cancelsAtPeriodEnd) return cancelledText(billing, moment)
  return paidThrough === null
    ? `It is paid ${everyPeriod(billing)}.`
    : `It is paid ${everyPeriod(billing)}, and renews on ${sayInstant(paidThrough)}.`
}

/**
 * How a site is paid for, in a sentence or two; empty where it is not.
 * @param {Billing} billing @param {Moment} moment
 */
export const billingText = (billing, moment) => {
  const left = whatIsLeft(billing, moment)
  switch (billing.state) {
    case 'active':
      return runningText(billing, moment)
    case 'paused':
      return joinSentences('Its subscription is paused: nothing is charged.', left, 'Write to us to take it up again.')
    case 'ended':
      return joinSentences('Its subscription has ended.', left, 'Choose a plan to go on.')
    default:
      return ''
  }
}

/**
 * What an owner has to do so that the site goes on; empty where that is nothing.
 * @param {Billing} billing @param {Moment} moment
 */
export const dueText = ({ state, graceEndsAt }, { now, runs }) => {
  if (state !== 'past-due') return ''
  const failed = 'The last payment failed.'
  const where = 'Under “Manage payment” you can give another card.'
  if (graceEndsAt === null) return `${failed} ${where}`
  if (graceEndsAt <= now) return `${failed} The site is switched off until that is paid. Its data is kept. ${where}`
  const otherwise = runs ? ', or the site is switched off then. Its data is kept.' : '.'
  return `${failed} Pay by ${sayInstant(graceEndsAt)}${otherwise} ${where}`
}

/** What an owner is to know of a payment that its bank takes back; empty for none. @param {Billing} billing */
export const disputeText = ({ disputed }) =>
  disputed
    ? 'A payment for it is disputed with the bank. The site goes on as it is, and we look into it. Write to us about it.'
    : ''

/**
 * What came of a change that was asked for. It is made where there is an answer, which may still tell of the plan before.
 * @param {Pick<Billing, 'plan' | 'interval'>} billing @param {{plan: string, interval: string}} choice
 */
export const changeText = ({ plan, interval }, choice) =>
  plan === choice.plan && interval === choice.interval
    ? `It is on the plan ${plan} now.`
    : `The change to the plan ${choice.plan} is made. The site follows in a moment.`
