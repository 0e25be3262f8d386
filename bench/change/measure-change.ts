import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { demoApi, demoSite } from '../../bin/demo/api.ts'
import type { Load } from '../../bin/demo/open-load.ts'
import { openLoad } from '../../bin/demo/open-load.ts'
import type { RuntimeName } from '../../bin/temporary-home/temporary-home.ts'
import { openBenchHost } from '../host/bench-host.ts'
import { signUpPeople } from '../host/sign-up-people.ts'
import type { Measurement, Section } from '../measurement.ts'
import type { PlanCalls } from './plan-calls.ts'
import { openPlanCalls } from './plan-calls.ts'

export interface ChangeOptions {
  readonly runtime: RuntimeName
  /** `exclusive`: the welcome site, which is swapped. `shared`: one that bears two at once. */
  readonly data: 'exclusive' | 'shared'
  readonly connections: number
  /** Before, between and after the changes. */
  readonly quietMilliseconds: number
}

const thinkMilliseconds = 20
/** It starts with the first of these. */
const [first, ...changes] = ['starter', 'growth', 'starter'] as const
const lookMilliseconds = 5

/** From when the change is recorded to when the site itself has the new plan, in milliseconds. */
const timeToPlan = async (siteUrl: string, plan: string): Promise<number> => {
  const startedAt = performance.now()
  while ((await demoSite(siteUrl).entitlement()).plan !== plan) await sleep(lookMilliseconds)
  return performance.now() - startedAt
}

const changeUnderLoad = async (
  plan: string,
  {
    load,
    plans,
    shown,
  }: {
    readonly load: Load
    readonly plans: PlanCalls
    readonly shown: ((plan: string) => Promise<number>) | undefined
  },
): Promise<readonly Measurement[]> => {
  const usual = load.takeLongest()
  await plans.change(plan)
  const [milliseconds] = await Promise.all([shown?.(plan), plans.resized()])
  return [
    ...(milliseconds === undefined
      ? []
      : [{ name: `to ${plan}: features on the site`, value: milliseconds, unit: 'ms', bar: { atMost: 1000 } }]),
    { name: `to ${plan}: longest request before`, value: usual, unit: 'ms' },
    { name: `to ${plan}: longest held request`, value: load.takeLongest(), unit: 'ms', bar: { atMost: 25_000 } },
  ]
}

/** Changes the plan of a site up and down while visitors read and write through the router. */
export const measureChange = async ({
  runtime,
  data,
  connections,
  quietMilliseconds,
}: ChangeOptions): Promise<Section> => {
  const blueprints = fileURLToPath(new URL('blueprints', import.meta.url))
  await using host = await openBenchHost({
    purpose: 'change',
    runtime,
    pool: 1,
    environment: data === 'shared' ? { SITEWRIGHT_BLUEPRINTS: blueprints } : {},
  })
  const [person] = await signUpPeople(host.url, 'change', 1)
  if (person === undefined) throw new Error('nobody has signed up')
  const { site } = await demoApi(host.url, person.token).createSite(person.slug, 'Change')
  const plans = await openPlanCalls(host.url, { id: site.id, token: person.token })
  await plans.change(first)
  await plans.resized()

  const load = openLoad({ port: host.port, host: new URL(site.url).host, connections, thinkMilliseconds })
  // What is not the welcome site says nothing of its plan.
  const shown = data === 'exclusive' ? (plan: string) => timeToPlan(site.url, plan) : undefined
  const measurements: Measurement[] = []
  await sleep(quietMilliseconds)
  for (const plan of changes) {
    measurements.push(...(await changeUnderLoad(plan, { load, plans, shown })))
    await sleep(quietMilliseconds)
  }
  const { requests, failures, acknowledged } = await load.stop()
  const stored = (await demoSite(site.url).read()).map(({ text }) => text)
  const kept = new Set(stored)
  const none = { atMost: 0 }
  return {
    title: `A change of plan, ${data} data, ${runtime}, ${connections} connections`,
    measurements: [
      ...measurements,
      { name: 'requests', value: requests, unit: '', bar: { atLeast: connections } },
      { name: 'acknowledged writes', value: acknowledged.length, unit: '', bar: { atLeast: 1 } },
      { name: 'failed requests', value: failures.length, unit: '', bar: none },
      { name: 'lost writes', value: acknowledged.filter((text) => !kept.has(text)).length, unit: '', bar: none },
      { name: 'doubled writes', value: stored.length - kept.size, unit: '', bar: none },
    ],
    notes: failures.slice(0, 5),
  }
}
