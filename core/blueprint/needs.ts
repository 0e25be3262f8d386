import type { FieldProblem } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Blueprint } from './blueprint.ts'

/** The plans that a blueprint is for: all, unless it names some. */
export const plansFor = ({ plans: named }: Pick<Blueprint, 'plans'>, plans: readonly Plan[]): readonly Plan[] =>
  named === undefined ? plans : plans.filter(({ id }) => named.includes(id))

export const unmetNeeds = (
  { needs: { features = [], limits = {}, ...sizes } = {} }: Pick<Blueprint, 'needs'>,
  { id, size, limits: granted, features: included }: Plan,
): readonly FieldProblem[] => {
  const max = new Map<string, number>(
    Object.entries({ ...granted, memoryMiB: size.memoryMiB, threads: size.processes }),
  )
  const missing = features.filter((name) => !included.includes(name))
  const tooLittle = [
    ...Object.entries(sizes).map(([name, need]) => ({ path: `needs.${name}`, name, need })),
    ...Object.entries(limits).map(([name, need]) => ({ path: `needs.limits.${name}`, name, need })),
  ].filter(({ name, need = 0 }) => need > (max.get(name) ?? 0))
  return [
    ...tooLittle.map(({ path, name, need }) => ({
      path,
      message: `the plan '${id}' has only ${max.get(name)}; it needs ${need}`,
    })),
    ...missing.map((name) => ({ path: 'needs.features', message: `the plan '${id}' lacks the feature '${name}'` })),
  ]
}
