import { SitewrightError } from '../errors.ts'
import type { PlanCatalogue } from './plan.ts'
import { plansOnOffer } from './plan-offer.ts'
import { createUnlocks } from './unlocks.ts'

/**
 * @param wanted what it is that the feature would allow, as a sentence begins.
 * @throws {SitewrightError} `FeatureNotInPlan`, with the plans that have it.
 */
export const requireFeature = (plans: PlanCatalogue, planId: string, feature: string, wanted: string): void => {
  const plan = plans.find(planId)
  if (plan.features.includes(feature)) return
  const having = createUnlocks(plans)(plan)[feature] ?? []
  const names = having.map((id) => plans.find(id).name)
  const where = names.length === 0 ? 'no plan has them' : `these plans have them: ${names.join(', ')}`
  throw new SitewrightError('FeatureNotInPlan', `${wanted} are not part of the plan ${plan.name}; ${where}.`, {
    plans: plansOnOffer(plans).filter(({ id }) => having.includes(id)),
  })
}
