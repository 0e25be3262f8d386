import { setTimeout as sleep } from 'node:timers/promises'
import { httpCall } from '../../bin/demo/http-call.ts'
import type { Load } from '../../bin/demo/open-load.ts'
import type { Measurement } from '../measurement.ts'
import type { acceptedWebhooks } from './accepted-webhooks.ts'
import type { PlanCalls } from './plan-calls.ts'

export interface PlanChange {
  readonly name: string
  /** Whether the site has courses afterwards. */
  readonly hasCourses: boolean
  /** Resolves once Stripe has taken it. */
  readonly act: () => Promise<void>
}

const lookMilliseconds = 50
const patienceMilliseconds = 30_000

/**
 * Looks, as visitors do, until courses are had, or no longer. Nobody waits for the look before: under load each takes its time, and one that
 * came a moment too early would cost that twice.
 * @returns when the first of them had its answer, in milliseconds since 1970.
 */
const coursesFollow = async (siteUrl: string, expected: number): Promise<number> => {
  const givenUpAt = performance.now() + patienceMilliseconds
  const looks: Promise<void>[] = []
  let followedAt: number | undefined
  while (followedAt === undefined) {
    if (performance.now() > givenUpAt) throw new Error(`The courses of the site never answered ${expected}.`)
    const look = async (): Promise<void> => {
      const { status } = await httpCall({ url: new URL('/api/courses', siteUrl).href })
      if (status === expected) followedAt ??= Date.now()
    }
    const looking = look()
    looks.push(looking)
    // Heard of at the end.
    looking.catch(() => undefined)
    await sleep(lookMilliseconds)
  }
  await Promise.all(looks)
  return followedAt
}

/** Changes the plan of a site once, and waits until its feature and its size have followed. */
export const changeUnderLoad = async (
  { name, hasCourses, act }: PlanChange,
  {
    load,
    plans,
    webhooks,
    siteUrl,
  }: {
    readonly load: Load
    readonly plans: PlanCalls
    readonly webhooks: ReturnType<typeof acceptedWebhooks>
    readonly siteUrl: string
  },
): Promise<readonly Measurement[]> => {
  const usual = load.takeLongest()
  const askedAt = Date.now()
  const [followedAt] = await Promise.all([coursesFollow(siteUrl, hasCourses ? 200 : 402), act(), plans.resized()])
  await load.answered()
  const held = load.takeLongest()
  const acceptedAt = await webhooks.firstSince(askedAt)
  const feature = hasCourses ? 'feature usable' : 'feature gone'
  return [
    // Whoever changes a plan by the API has it followed at once, so that this may be before the webhook is.
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
