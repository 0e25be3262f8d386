import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { plansFor, unmetNeeds } from '../../../core/blueprint/needs.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import { type Finding, findingsOf, tableOf } from './findings.ts'
import type { Load } from './machine-view.ts'

/** The part of a plan's size that a container has; all of it for `all`. */
const partOf = ({ containers }: Blueprint, name: string): number => {
  const total = containers.reduce((sum, { share }) => sum + share, 0)
  return (containers.find((container) => container.name === name)?.share ?? total) / total
}

/** Why a plan is too small; empty where it fits. */
const lacks = (blueprint: Blueprint, plan: Plan, peak: readonly Load[]): readonly string[] => {
  const { size } = plan
  return [
    ...peak.flatMap(({ container, memoryMiB, threads }) => {
      const part = partOf(blueprint, container)
      const most = { memory: Math.floor(size.memoryMiB * part), processes: Math.floor(size.processes * part) }
      return [
        memoryMiB > most.memory && `'${container}' took ${memoryMiB} of ${most.memory} MiB`,
        threads > most.processes && `'${container}' had ${threads} of ${most.processes} threads`,
      ]
    }),
    ...unmetNeeds(blueprint, plan).map(({ path, message }) => `${path}: ${message}`),
  ].filter((reason) => reason !== false)
}

export const planTable = (blueprint: Blueprint, plans: readonly Plan[], peak: readonly Load[]): readonly string[] =>
  tableOf(
    ['plan', 'memory', 'threads', 'fits'],
    plansFor(blueprint, plans).map((plan) => {
      const { id, size } = plan
      const why = lacks(blueprint, plan, peak)
      const fits = why.length === 0 ? (peak.length === 0 ? 'not measured' : 'yes') : `no: ${why.join('; ')}`
      return [id, `${size.memoryMiB} MiB`, String(size.processes), fits]
    }),
  )

/** Publication refuses a blueprint that does not fit into each of its plans. */
export const checkPlans = (blueprint: Blueprint, plans: readonly Plan[], peak: readonly Load[]): Finding => {
  const { ok, wrong, untried } = findingsOf('plans')
  const small = plansFor(blueprint, plans)
    .filter((plan) => lacks(blueprint, plan, peak).length > 0)
    .map(({ id }) => id)
  if (small.length === 0) {
    return peak.length === 0
      ? untried('Its memory was not measured.', 'Try again once it starts.')
      : ok('It fits into each.')
  }
  const change = 'Need less, change `share`, or enlarge these plans in sitewright.config.ts.'
  return wrong(`Too small: ${small.join(', ')}.`, change)
}
