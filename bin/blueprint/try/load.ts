import { setTimeout as pause } from 'node:timers/promises'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { plansFor, unmetNeeds } from '../../../core/blueprint/needs.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import type { Door } from './door.ts'
import { type Finding, findingsOf } from './findings.ts'
import type { Load, MachineView } from './machine-view.ts'

const clients = 20
/** Milliseconds. */
const restBefore = 1500
const lasts = 3000
/** Between two requests of one client: all together stay far below what any plan admits in a minute. */
const between = 200
const sampledEvery = 400

const peakOf = (samples: readonly Load[]): readonly Load[] =>
  [...Map.groupBy(samples, ({ container }) => container)].map(([container, own]) => ({
    container,
    memoryMiB: Math.max(...own.map(({ memoryMiB }) => memoryMiB)),
    threads: Math.max(...own.map(({ threads }) => threads)),
  }))

const words = (loads: readonly Load[]): string =>
  loads
    .map(({ container, memoryMiB, threads }) => {
      const name = loads.length > 1 ? `${container} ` : ''
      return `${name}${memoryMiB} MiB, ${threads} threads`
    })
    .join('; ') || 'not measured on this machine'

/** Measures the site at rest, and while 20 clients read a page again and again. @returns the peak of each container. */
export const measureLoad = async (
  door: Pick<Door, 'visit'>,
  view: Pick<MachineView, 'load'>,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly findings: readonly Finding[]; readonly peak: readonly Load[] }> => {
  await pause(restBefore, undefined, { signal })
  const idle = await view.load()
  const times: number[] = []
  let failed = 0
  const endsAt = performance.now() + lasts
  const client = async (_: unknown, index: number): Promise<void> => {
    while (performance.now() < endsAt) {
      const askedAt = performance.now()
      const status = await door.visit({ path, as: 'owner', client: index }).then(
        (answer) => answer.status,
        () => 0,
      )
      if (status === 0 || status >= 500) failed += 1
      times.push(performance.now() - askedAt)
      await pause(between, undefined, { signal })
    }
  }
  const samples: Load[] = [...idle]
  const sample = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      samples.push(...(await view.load()))
      await pause(sampledEvery, undefined, { signal })
    }
  }
  await Promise.all([sample(), ...Array.from({ length: clients }, client)])
  const peak = peakOf(samples)
  const slowest = Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0)
  const { ok, wrong } = findingsOf(`under ${clients} clients`)
  const result = `${words(peak)} at most; ${times.length} requests, 95 % within ${slowest} ms, ${failed} failed.`
  const loaded = failed === 0 ? ok(result) : wrong(result, 'Read the output of the site.')
  return { peak, findings: [findingsOf('memory when idle').ok(`${words(idle)}.`), loaded] }
}

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
      const max = { memory: Math.floor(size.memoryMiB * part), processes: Math.floor(size.processes * part) }
      return [
        memoryMiB > max.memory && `'${container}' took ${memoryMiB} of ${max.memory} MiB`,
        threads > max.processes && `'${container}' had ${threads} of ${max.processes} threads`,
      ]
    }),
    ...unmetNeeds(blueprint, plan).map(({ path, message }) => `${path}: ${message}`),
  ].filter((reason) => reason !== false)
}

/** Publication refuses a blueprint that does not fit into each of its plans. */
export const checkPlans = (blueprint: Blueprint, plans: readonly Plan[], peak: readonly Load[]): Finding => {
  const { ok, wrong, untried } = findingsOf('plans')
  const small = plansFor(blueprint, plans).flatMap((plan) => {
    const why = lacks(blueprint, plan, peak)
    return why.length === 0 ? [] : [`${plan.id} (${why.join('; ')})`]
  })
  if (small.length > 0) {
    const change = 'Need less, change `share`, or enlarge these plans in sitewright.config.ts.'
    return wrong(`Too small: ${small.join(', ')}.`, change)
  }
  if (peak.length === 0) return untried('Its memory was not measured.', 'Try again once it starts.')
  return ok('It fits into each.')
}
