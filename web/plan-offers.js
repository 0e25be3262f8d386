// @ts-check
import { call } from './api.js'
import { withContact } from './contact.js'
import { make } from './dom.js'
import { sayPrice } from './say-price.js'

/** @typedef {import('./api.js').PlanOffer} PlanOffer */

/** Those with a price; the others are agreed by hand. */
const askForPlans = async () => {
  const { plans } = await call('GET', '/v1/plans')
  return plans.filter((/** @type {any} */ { kind, price }) => kind === 'paid' && price !== null)
}

/** The plans with their prices, unfolded on demand or where one is needed. @param {string} subject what a mail about them is about */
export const createPlanOffers = (subject) => {
  const list = make('ul', '')
  const note = make('p', '', { class: 'hint' })
  note.append(...withContact('They can be bought here soon. Until then, write to us to choose a plan.', subject))
  const problem = make('p', '', { class: 'problem', role: 'alert' })
  const offers = document.createElement('details')
  offers.append(make('summary', 'Plans and prices'), list, note, problem)
  let isShown = false

  /** @param {PlanOffer[]} plans */
  const fill = (plans) => {
    isShown = true
    problem.textContent = ''
    list.replaceChildren(
      ...plans.map(({ name, price }) => {
        const item = make('li', '')
        item.append(make('strong', name), ` ${sayPrice(price)}`)
        return item
      }),
    )
  }

  offers.addEventListener('toggle', async () => {
    if (!offers.open || isShown) return
    await askForPlans().then(fill, (error) => {
      problem.textContent = error.message
    })
  })

  return {
    element: offers,
    /** @param {PlanOffer[]} plans */
    show: (plans) => {
      fill(plans)
      offers.open = true
    },
  }
}
