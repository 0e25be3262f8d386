import { SitewrightError } from '../errors.ts'
import { isTrialPlan, type Plan, type PlanCatalogue, plansOnOffer } from './plan.ts'

/** @throws {Error} on a duplicate id, without a trial, or if the id of a plan does not say whether it is one. */
export const planCatalogue = (plans: readonly Plan[]): PlanCatalogue => {
  const byId = new Map(plans.map((plan) => [plan.id, plan]))
  if (byId.size !== plans.length) throw new Error('plans: the ids must be different')
  const trial = plans.find(({ kind }) => kind === 'trial')
  if (trial === undefined) throw new Error("plans: at least one plan needs the kind 'trial'")
  for (const { id, kind, prices } of plans) {
    const choices = new Set(prices.map(({ interval, currency }) => `${interval} ${currency}`))
    if (choices.size !== prices.length) throw new Error(`plans: '${id}' has two prices for one interval and currency`)
    if (kind !== 'paid' && prices.length > 0) throw new Error(`plans: '${id}' is not sold, so it has no prices`)
    if (isTrialPlan(id) !== (kind === 'trial')) {
      throw new Error(
        `plans: the id of a trial plan is 'trial' or begins with 'trial-', and of no other; '${id}' is ${kind}`,
      )
    }
  }
  return {
    plans,
    trial,
    find: (id) => {
      const plan = byId.get(id)
      if (plan === undefined) throw new Error(`plans: no plan has the id '${id}', but a site refers to it`)
      return plan
    },
  }
}

/** Plan ids by feature. */
export type Unlocks = Readonly<Record<string, readonly string[]>>

const unlocksOf = (plan: Plan, plans: readonly Plan[]): Unlocks => {
  const others = plans.filter(({ kind }) => kind !== 'trial')
  const missing = new Set(others.flatMap(({ features }) => features).filter((name) => !plan.features.includes(name)))
  return Object.fromEntries(
    [...missing].map((name) => [name, others.filter(({ features }) => features.includes(name)).map(({ id }) => id)]),
  )
}

/** Returns a function that lists, for each feature a plan lacks, the plans that have it. Computed once for each plan. */
export const createUnlocks = (catalogue: Pick<PlanCatalogue, 'plans'>): ((plan: Plan) => Unlocks) => {
  const known = new WeakMap<Plan, Unlocks>()
  return (plan) => {
    const found = known.get(plan) ?? unlocksOf(plan, catalogue.plans)
    known.set(plan, found)
    return found
  }
}

/** @param wanted begins the error message, such as "Custom domains". @throws {SitewrightError} `FeatureNotInPlan`, with the plans that have it. */
export const requireFeature = (plans: PlanCatalogue, planId: string, feature: string, wanted: string): void => {
  const plan = plans.find(planId)
  if (plan.features.includes(feature)) return
  const having = createUnlocks(plans)(plan)[feature] ?? []
  const names = having.map((id) => plans.find(id).name)
  const where = names.length === 0 ? 'no plan has them' : `these plans have them: ${names.join(', ')}`
  throw new SitewrightError('FeatureNotInPlan', `${wanted} are not part of the plan ${plan.name}; ${where}.`, {
    plans: plansOnOffer(plans).filter(({ id }) => having.includes(id)),
    feature,
  })
}
