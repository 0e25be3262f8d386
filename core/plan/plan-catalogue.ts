import type { Plan, PlanCatalogue } from './plan.ts'

/** @throws {Error} on a doubled id or where there is not exactly one trial plan, called `trial`. */
export const planCatalogue = (plans: readonly Plan[]): PlanCatalogue => {
  const byId = new Map(plans.map((plan) => [plan.id, plan]))
  if (byId.size !== plans.length) throw new Error('plans: every plan needs an id of its own')
  const [trial, ...others] = plans.filter((plan) => plan.kind === 'trial')
  if (trial === undefined || others.length > 0) throw new Error("plans: exactly one plan has the kind 'trial'")
  for (const { id, kind, prices } of plans) {
    const choices = new Set(prices.map(({ interval, currency }) => `${interval} ${currency}`))
    if (choices.size !== prices.length) throw new Error(`plans: '${id}' has two prices for one interval and currency`)
    if (kind !== 'paid' && prices.length > 0) throw new Error(`plans: '${id}' is not sold, so it has no prices`)
  }
  // A site knows its plan by the id alone, and its deadlines hang on it.
  if (trial.id !== 'trial')
    throw new Error(`plans: the plan of the kind 'trial' needs the id 'trial', not '${trial.id}'`)
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
