import { afterAll, expect, it } from 'vitest'
import { paymentsContract } from '../adapters/stripe/contract.ts'
import { openOnStandIn } from '../adapters/stripe/open-on-stand-in.ts'
import { clientOf, keys, openStripeScene } from '../packages/stripe-stand-in/scene.ts'
import { tour } from '../packages/stripe-stand-in/tour.ts'
import { type ApiProxy, type Asked, openApiProxy } from './api-proxy.ts'
import { readDescribedApi } from './described-api.ts'
import { describedVersion, knownDifferences } from './known-differences.ts'

const file = process.env['STRIPE_MOCK_SPEC']
if (file === undefined) throw new Error('Start stripe-mock first: export $(.ci/stripe-mock start)')
const described = readDescribedApi(file)

const proxies: ApiProxy[] = []
afterAll(() => Promise.all(proxies.map((proxy) => proxy.close())))

// All that the adapter ever gets to see of the stand-in passes here.
paymentsContract('Stripe’s adapter before the stand-in, overheard', () =>
  openOnStandIn(async (target) => {
    const proxy = await openApiProxy({ target })
    proxies.push(proxy)
    return proxy.apiBase
  }),
)

it('the tour of all requests that the stand-in supports runs before a listener', { timeout: 600_000 }, async () => {
  await using scene = await openStripeScene()
  const proxy = await openApiProxy({ target: scene.address })
  proxies.push(proxy)
  await tour({ ...scene, stripe: clientOf(proxy.apiBase, keys.secretKey) })
  expect(proxy.asked.length).toBeGreaterThan(50)
})

const overheard = (): readonly Asked[] => proxies.flatMap(({ asked }) => asked)

const kindOf = ({ method, path }: Asked): string => `${method} ${path.replace(/\/[a-z]+_[^/]*\w{6}(?=\/|$)/g, '/{id}')}`

it('every object that the stand-in shows is as Stripe describes it, but for the differences that are listed', () => {
  expect(described.version).toBe(describedVersion)
  const met = new Set<string>()
  for (const answer of overheard()) {
    const problems = described.problemsOf(answer) ?? [`${kindOf(answer)}: is not described`]
    for (const problem of problems) met.add(problem)
  }
  const listed = knownDifferences.map((place) => `${place}: is not described`)
  expect([...met].toSorted()).toEqual(listed.toSorted())
})

it('the stand-in got every request that the adapter sends to Stripe', () => {
  const kinds = new Set(overheard().map(kindOf))
  expect(kinds.size).toBeGreaterThan(20)
  expect(overheard().length).toBeGreaterThan(300)
})

it('an object that is not as described is noticed', () => {
  const [answer] = overheard().filter(({ method, path }) => method === 'GET' && /^\/v1\/subscriptions\/sub_/.test(path))
  const body = answer?.body as Record<string, unknown>
  const problemsWith = (change: object) =>
    described.problemsOf({ method: 'GET', path: '/v1/subscriptions/sub_1', status: 200, body: { ...body, ...change } })
  const usual = problemsWith({})?.length ?? 0
  expect(problemsWith({ status: 'alive' })).toContain('subscription.status: is "alive"')
  expect(problemsWith({ created: 'today' })).toContain('subscription.created: is string, not integer')
  expect(problemsWith({ colour: 'red' })).toContain('subscription.colour: is not described')
  expect(problemsWith({ items: { object: 'list', data: [{}], has_more: false, url: '/' } })?.length).toBeGreaterThan(
    usual,
  )
})
