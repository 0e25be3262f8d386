import type { Plan, PlanCatalogue } from './plan.ts'

/** Ids of plans by the feature that they have. */
export type Unlocks = Readonly<Record<string, readonly string[]>>

const unlocksOf = (plan: Plan, plans: readonly Plan[]): Unlocks => {
  // Nobody can move to a trial.
  const others = plans.filter(({ kind }) => kind !== 'trial')
  const missing = new Set(others.flatMap(({ features }) => features).filter((name) => !plan.features.includes(name)))
  return Object.fromEntries(
    [...missing].map((name) => [name, others.filter(({ features }) => features.includes(name)).map(({ id }) => id)]),
  )
}

/**
 * Says of a plan which others have what it lacks: by feature, the ids of those plans in the catalogue's order. It is
 * computed once for each plan, since the router asks for every site.
 */
export const createUnlocks = ({ plans }: Pick<PlanCatalogue, 'plans'>): ((plan: Plan) => Unlocks) => {
  const known = new Map<string, Unlocks>()
  return (plan) => {
    const found = known.get(plan.id) ?? unlocksOf(plan, plans)
    known.set(plan.id, found)
    return found
  }
}
