import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findEngine } from '../../../adapters/containers/engine.ts'
import { importNodeImage } from '../../../tools/import-node-image.ts'
import { demoApi, demoSite } from '../../acceptance/api.ts'
import { type Load, openLoad } from '../../acceptance/open-load.ts'
import { httpCall } from '../../support/http-call.ts'
import type { RuntimeName } from '../../support/temporary-home/temporary-home.ts'
import { openBenchHost, signUpPeople } from '../host/bench-host.ts'
import type { Measurement, Section } from '../measurement.ts'
import { acceptedWebhooks, openPlanCalls, type PlanCalls } from './plan-calls.ts'

export interface ChangeOptions {
  readonly runtime: RuntimeName
  /** `exclusive`: the welcome site, which is swapped. `shared`: a site that allows two tasks at once; containers swap it too. */
  readonly data: 'exclusive' | 'shared'
  readonly connections: number
  readonly quietMilliseconds: number
}

const thinkMilliseconds = 20

/** Builds the image that the blueprint in this folder names: no registry has it. @throws {Error} if no engine answers. */
const makeSharedImage = async (): Promise<void> => {
  const engine = await findEngine()
  if (engine === undefined) throw new Error('No container engine answers: start Docker or Podman, or set DOCKER_HOST.')
  await importNodeImage(engine.streams, {
    tag: 'sitewright/bench-change:1',
    app: import.meta.dirname,
    command: ['node', '/app/serve-entries.ts'],
  })
}

/** Lets an owner buy a plan and change it down and up, while visitors read and write through the router. */
export const measureChange = async ({
  runtime,
  data,
  connections,
  quietMilliseconds,
}: ChangeOptions): Promise<Section> => {
  const blueprints = fileURLToPath(new URL('blueprints', import.meta.url))
  if (data === 'shared' && runtime === 'containers') await makeSharedImage()
  const webhooks = acceptedWebhooks()
  await using host = await openBenchHost({
    purpose: 'change',
    runtime,
    pool: 1,
    environment: {
      SITEWRIGHT_LOG: 'info',
      // A Stripe key in the environment is for another host.
      STRIPE_SECRET_KEY: undefined,
      ...(data === 'shared' ? { SITEWRIGHT_BLUEPRINTS: blueprints } : {}),
    },
    onOutput: webhooks.onOutput,
  })
  const [person] = await signUpPeople(host.url, 'change', 1)
  if (person === undefined) throw new Error('nobody has signed up')
  const { site } = await demoApi(host.url, person.token).createSite(person.slug, 'Change')
  const plans = openPlanCalls(host.url, { id: site.id, token: person.token })
  const pay = await plans.checkout('growth')

  const load = openLoad({ port: host.port, host: new URL(site.url).host, connections, thinkMilliseconds })
  const measurements: Measurement[] = []
  await sleep(quietMilliseconds)
  // The first requests wait for connections and for cold code.
  await load.answered()
  load.takeLongest()
  await sleep(quietMilliseconds)
  for (const change of [
    { name: 'growth bought', hasCourses: true, act: pay },
    { name: 'down to starter', hasCourses: false, act: () => plans.change('starter') },
    { name: 'up to growth', hasCourses: true, act: () => plans.change('growth') },
  ]) {
    measurements.push(...(await changeUnderLoad(change, { load, plans, webhooks, siteUrl: site.url })))
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
      { name: 'duplicate writes', value: stored.length - kept.size, unit: '', bar: none },
    ],
    notes: failures.slice(0, 5),
  }
}

interface PlanChange {
  readonly name: string
  readonly hasCourses: boolean
  readonly act: () => Promise<void>
}

const pollMilliseconds = 50
const patienceMilliseconds = 30_000

/**
 * Polls, as visitors do, until courses are available, or not any more. Polls do not wait for each other: under load each takes
 * long, and a poll that came a moment too early would cost that twice.
 * @returns when the first such poll had its answer, in milliseconds since 1970.
 */
const coursesFollow = async (siteUrl: string, expected: number): Promise<number> => {
  const givenUpAt = performance.now() + patienceMilliseconds
  const checks: Promise<void>[] = []
  let followedAt: number | undefined
  while (followedAt === undefined) {
    if (performance.now() > givenUpAt) throw new Error(`The courses of the site never answered ${expected}.`)
    const check = async (): Promise<void> => {
      const { status } = await httpCall({ url: new URL('/api/courses', siteUrl).href })
      if (status === expected) followedAt ??= Date.now()
    }
    const checking = check()
    checks.push(checking)
    // Its errors are reported at the end.
    checking.catch(() => undefined)
    await sleep(pollMilliseconds)
  }
  await Promise.all(checks)
  return followedAt
}

interface LoadOptions {
  readonly load: Load
  readonly plans: PlanCalls
  readonly webhooks: ReturnType<typeof acceptedWebhooks>
  readonly siteUrl: string
}

/** Changes the plan of a site once, and waits until its feature and its size have followed. */
const changeUnderLoad = async (
  { name, hasCourses, act }: PlanChange,
  { load, plans, webhooks, siteUrl }: LoadOptions,
): Promise<readonly Measurement[]> => {
  const usual = load.takeLongest()
  const askedAt = Date.now()
  const [followedAt] = await Promise.all([coursesFollow(siteUrl, hasCourses ? 200 : 402), act(), plans.resized()])
  await load.answered()
  const held = load.takeLongest()
  const acceptedAt = await webhooks.firstSince(askedAt)
  const feature = hasCourses ? 'feature usable' : 'feature gone'
  return [
    // The API applies a plan change at once, perhaps before the webhook.
    {
      name: `${name}: from webhook accepted to ${feature}`,
      value: Math.max(0, followedAt - acceptedAt),
      unit: 'ms',
      bar: { atMost: 1000 },
    },
    { name: `${name}: from asked to ${feature}`, value: followedAt - askedAt, unit: 'ms' },
    { name: `${name}: longest request before`, value: usual, unit: 'ms' },
    { name: `${name}: longest held request`, value: held, unit: 'ms', bar: { atMost: 25_000 } },
  ]
}
