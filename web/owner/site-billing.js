// @ts-check
import { call } from './api.js'
import { withContact } from './contact.js'
import { button, make } from './dom.js'
import { domainNow } from './domain-clock.js'
import { offersPlans } from './offers-plans.js'
import { createPlanOffers } from './plan-offers.js'
import { billingText, changeText, disputeText, dueText, pendingText } from './say-billing.js'
import { isLive } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {import('./say-billing.js').Billing} Billing */
/** @typedef {import('./plan-offers.js').Choice} Choice */

/** @param {Site} site */
const isKept = ({ status }) => ['active', 'asleep', 'suspended', 'archived'].includes(status)

/** How long the page waits for a payment before it says that it takes longer; in milliseconds. */
const patience = 60_000

/**
 * The subscription of a site, with its buttons.
 * @param {Site} first
 * @param {{report: (error: unknown) => void, tell: (news: string) => void, changed: () => Promise<void>}} card
 *   `changed` reloads the site
 */
export const createBilling = (first, { report, tell, changed }) => {
  let site = first
  /** @type {Billing | undefined} */
  let billing
  /** Until when the page waits for a payment, by the browser's clock; 0 for none. */
  let waitsUntil = 0
  const path = `/v1/sites/${encodeURIComponent(site.id)}`

  const text = make('p', '')
  const due = make('p', '', { class: 'notice', role: 'status' })
  const dispute = make('p', '', { class: 'notice', role: 'status' })
  const pending = make('p', '', { class: 'notice', role: 'status' })
  const buttons = make('p', '', { class: 'actions' })
  const part = make('div', '', { class: 'billing' })

  /** @param {() => Promise<unknown>} work */
  const attempt = async (work) => {
    try {
      await work()
    } catch (error) {
      report(error)
    }
  }

  const manage = button(
    'Manage payment',
    () =>
      attempt(async () => {
        const { url } = await call('POST', `${path}/portal`)
        location.assign(url)
      }),
    { class: 'quiet' },
  )

  /**
   * Changes the plan. The answer has a link if the bank wants the payment confirmed.
   * @param {{plan: string, interval: string}} choice @returns {Promise<string | undefined>}
   */
  const changePlan = async (choice) => {
    /** @type {Billing | {billing: Billing, confirmUrl: string}} */
    const answer = await call('POST', `${path}/plan`, { body: { plan: choice.plan, interval: choice.interval } })
    if (!('confirmUrl' in answer)) {
      billing = answer
      return undefined
    }
    billing = answer.billing
    return answer.confirmUrl
  }

  const confirm = button('Confirm payment', () =>
    attempt(async () => {
      const { pendingChange } = billing ?? {}
      try {
        const url = pendingChange ? await changePlan(pendingChange) : undefined
        if (url !== undefined) location.assign(url)
      } finally {
        await changed()
        show()
      }
    }),
  )

  const drop = button(
    'Cancel plan change',
    () =>
      attempt(async () => {
        if (!billing || billing.interval === null) return
        try {
          await changePlan({ plan: billing.plan, interval: billing.interval })
          if (billing.pendingChange === null) tell('The plan change is cancelled. Your plan stays as it is.')
        } finally {
          await changed()
          show()
        }
      }),
    { class: 'quiet' },
  )

  /** @param {Choice} choice */
  const choose = ({ plan, name, interval, currency }) =>
    attempt(async () => {
      if (billing?.state === 'active') {
        const url = await changePlan({ plan, interval })
        if (url === undefined) tell(changeText(billing, { plan, name, interval }))
        await changed()
        return show()
      }
      const { url } = await call('POST', `${path}/checkout`, { body: { plan, interval, currency } })
      location.assign(url)
    })

  const plans = createPlanOffers(site.hostname, choose)
  part.append(due, dispute, pending, text, buttons, plans.element)

  /** Updates texts that change with time. */
  const sayWords = () => {
    if (billing === undefined) return
    const moment = { now: domainNow(), runs: isLive(site) }
    const isWaiting = waitsUntil > 0 ? 'We are confirming your payment. This takes a moment.' : ''
    for (const [place, said] of /** @type {const} */ ([
      [text, isWaiting || billingText(billing, moment)],
      [due, dueText(billing, moment)],
      [dispute, disputeText(billing)],
      [pending, pendingText(billing, moment)],
    ])) {
      if (place.textContent !== said) place.replaceChildren(...withContact(said, site.hostname))
    }
  }

  const show = () => {
    part.toggleAttribute('hidden', !isKept(site))
    plans.element.toggleAttribute('hidden', !offersPlans(site, billing))
    if (billing === undefined) return
    sayWords()
    const isPending = pendingText(billing, { now: domainNow() }) !== ''
    buttons.replaceChildren(...(isPending ? [confirm, drop] : []), ...(billing.customerId !== null ? [manage] : []))
    const isRunning = billing.state === 'active'
    plans.update({
      mode: isRunning ? 'change' : 'buy',
      plan: isRunning ? billing.plan : null,
      interval: isRunning ? billing.interval : null,
      currency: billing.currency,
    })
  }

  const endOfWaiting = () => {
    if (waitsUntil === 0 || billing === undefined) return
    if (billing.state === 'active') {
      waitsUntil = 0
      tell('Thank you. Your subscription has started.')
    } else if (Date.now() > waitsUntil) {
      waitsUntil = 0
      tell(
        'Confirming your payment takes longer than usual: by direct debit some days, usually 5 business days. We will send you a mail; do not pay again.',
      )
    }
  }

  /** @param {AbortSignal} [signal] */
  const refresh = async (signal) => {
    if (!isKept(site)) return show()
    billing = await call('GET', `${path}/billing`, signal === undefined ? {} : { signal })
    const wasAwaited = waitsUntil > 0
    endOfWaiting()
    show()
    // The site may have been loaded just before the payment.
    if (wasAwaited && waitsUntil === 0) await changed()
  }

  show()
  return {
    element: part,
    refresh,
    sayWords,
    /** @param {import('./api.js').PlanOffer[]} found */
    showPlans: (found) => plans.show(found),
    /** @param {Site} next */
    update: (next) => {
      site = next
      show()
      refresh().catch(report)
    },
    /** The owner returns from the payment page. */
    awaitPayment: () => {
      waitsUntil = Date.now() + patience
    },
    isAwaitingPayment: () => waitsUntil > 0,
  }
}
