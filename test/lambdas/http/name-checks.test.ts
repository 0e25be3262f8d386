import { expect, it } from 'vitest'
import { openApiStage } from '../api-stage.ts'

it('refuses a name that could be derived from another', async () => {
  await using stage = await openApiStage()
  expect((await stage.send({ path: '/v1/hostnames/ada--content' })).json).toMatchObject({
    available: false,
    reason: 'may not contain two hyphens in a row',
  })
})

it('refuses a network that checks too many names', async () => {
  let count = 300
  await using stage = await openApiStage(({ rateWindows, abuse }) => ({
    abuse: { ...abuse, limitLoopback: true },
    rateWindows: { ...rateWindows, count: async (windows) => windows.map(() => count) },
  }))
  expect((await stage.send({ path: '/v1/hostnames/ada' })).json).toMatchObject({ slug: 'ada', available: true })
  count = 301
  const refused = await stage.send({ path: '/v1/hostnames/ada' })
  expect(refused.status).toBe(429)
  expect(refused.json['type']).toBe('urn:sitewright:problem:rate-limited')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
})
