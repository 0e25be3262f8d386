// @ts-check
import { call } from './api.js'

/** @typedef {import('./api.js').PlanOffer & {kind: string, features: string[]}} Plan */

/** @type {Promise<Plan[]> | undefined} */
let asked

/** All plans, loaded once. @returns {Promise<Plan[]>} */
export const askForPlans = () => {
  asked ??= call('GET', '/v1/plans').then(
    ({ plans }) => plans,
    (error) => {
      asked = undefined
      throw error
    },
  )
  return asked
}
