// @ts-check
import { askForPlans } from './ask-for-plans.js'
import { withContact } from './contact.js'
import { button, make } from './dom.js'
import { sayPrice } from './say-price.js'

/** @typedef {import('./api.js').PlanOffer} PlanOffer */
/** @typedef {{plan: string, name: string, interval: string, currency: string}} Choice */
/**
 * The current plan, and whether choosing one buys or changes it.
 * @typedef {{mode: 'buy' | 'change', plan: string | null, interval: string | null, currency: string | null}} Standing
 */

/** @type {[interval: string, label: string][]} */
const intervals = [
  ['month', 'Monthly'],
  ['year', 'Yearly'],
]

/** Paid plans with prices. @returns {Promise<PlanOffer[]>} */
const plansOnOffer = async () =>
  (await askForPlans()).filter(({ kind, prices }) => kind === 'paid' && prices.length > 0)

/** @param {PlanOffer[]} plans */
const currenciesOf = (plans) => [...new Set(plans.flatMap(({ prices }) => prices.map(({ currency }) => currency)))]

let count = 0

/**
 * The plans with their prices, unfolded on demand or after a 402.
 * @param {string} subject what a mail about them is about
 * @param {(choice: Choice) => Promise<void>} choose buys a plan, or changes to it; shows its problems itself
 */
export const createPlanOffers = (subject, choose) => {
  count += 1
  const group = `plans-${count}`
  const summary = make('summary', 'Plans and prices')
  const terms = document.createElement('form')
  terms.className = 'terms'
  const list = make('ul', '')
  const confirm = make('div', '', { class: 'confirm', role: 'status' })
  const note = make('p', '', { class: 'hint' })
  note.append(...withContact('For larger plans, write to us.', subject))
  const problem = make('p', '', { class: 'problem', role: 'alert' })
  const offers = document.createElement('details')
  offers.append(summary, terms, list, confirm, note, problem)

  /** @type {PlanOffer[]} */
  let plans = []
  /** @type {Standing} */
  let standing = { mode: 'buy', plan: null, interval: null, currency: null }
  let interval = 'month'
  /** The currency chosen in the form. */
  let currency = ''

  const currencyNow = () => standing.currency ?? (currency === '' ? (currenciesOf(plans)[0] ?? '') : currency)

  /** Asks for confirmation, because a change is charged at once. @param {PlanOffer} plan @param {Choice} choice */
  const askFirst = (plan, choice) => {
    const cancel = button('Keep current plan', () => confirm.replaceChildren(), { class: 'plain' })
    const go = button(`Change to ${plan.name} now`, async () => {
      await choose(choice)
      confirm.replaceChildren()
    })
    const text = make('p', `${plan.name}: the difference for the current period is charged or credited now.`)
    const buttons = make('p', '', { class: 'actions' })
    buttons.append(go, cancel)
    confirm.replaceChildren(text, buttons)
    go.focus()
  }

  /** @param {PlanOffer} plan */
  const offer = (plan) => {
    const price = plan.prices.find((one) => one.interval === interval && one.currency === currencyNow())
    if (price === undefined) return []
    const item = make('li', '')
    const text = make('p', '')
    text.append(make('strong', plan.name), ` ${sayPrice(price)}`)
    const choice = { plan: plan.id, name: plan.name, interval, currency: price.currency }
    const isChange = standing.mode === 'change'
    if (isChange && standing.plan === plan.id && standing.interval === interval) {
      item.append(text, make('span', 'Your plan', { class: 'hint' }))
    } else {
      const label = isChange ? `Change to ${plan.name}` : `Choose ${plan.name}`
      item.append(
        text,
        button(label, () => (isChange ? askFirst(plan, choice) : choose(choice))),
      )
    }
    return [item]
  }

  const showList = () => {
    confirm.replaceChildren()
    list.replaceChildren(...plans.flatMap(offer))
  }

  const showTerms = () => {
    const radios = intervals.map(([value, text]) => {
      const label = make('label', '', { class: 'check' })
      const radio = document.createElement('input')
      Object.assign(radio, { type: 'radio', name: `${group}-interval`, value, checked: value === interval })
      radio.addEventListener('change', () => {
        interval = value
        showList()
      })
      label.append(radio, text)
      return label
    })
    const others = standing.currency === null ? currenciesOf(plans) : []
    if (others.length < 2) return terms.replaceChildren(...radios)
    const label = make('label', 'Currency ', { class: 'check' })
    const select = document.createElement('select')
    select.append(...others.map((value) => make('option', value, { value })))
    select.value = currencyNow()
    select.addEventListener('change', () => {
      currency = select.value
      showList()
    })
    label.append(select)
    terms.replaceChildren(...radios, label)
  }

  const render = () => {
    if (plans.length === 0) return
    problem.textContent = ''
    showTerms()
    showList()
  }

  /** @param {PlanOffer[]} found */
  const fill = (found) => {
    plans = found
    render()
  }

  offers.addEventListener('toggle', async () => {
    if (!offers.open || plans.length > 0) return
    await plansOnOffer().then(fill, (error) => {
      problem.textContent = error.message
    })
  })

  return {
    element: offers,
    /** @param {PlanOffer[]} found */
    show: (found) => {
      fill(found)
      offers.open = true
      offers.scrollIntoView({ block: 'nearest' })
    },
    /** @param {Standing} next */
    update: (next) => {
      if (JSON.stringify(next) === JSON.stringify(standing)) return
      standing = next
      if (next.interval !== null) interval = next.interval
      summary.textContent = next.mode === 'change' ? 'Change plan' : 'Plans and prices'
      render()
    },
  }
}
