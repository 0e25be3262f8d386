import { expect, it } from 'vitest'
import { apiEndpoints } from '../../../packages/stripe-stand-in/api/answer-request.ts'
import { openStripeScene } from './scene.ts'
import { tour } from './tour.ts'

it('the official client sends every request that the stand-in supports, and reads the answer', async () => {
  await using scene = await openStripeScene()
  const answered = new Set<string>()
  scene.stripe.on('response', ({ method, path, status }: { method: string; path: string; status: number }) => {
    if (status === 200) answered.add(`${method} ${path.replace(/\?.*/, '').replace('/_local/stripe', '')}`)
  })
  await tour(scene)
  const silent = apiEndpoints.filter(
    ({ method, pattern }) =>
      ![...answered].some((each) => each.startsWith(`${method} `) && pattern.test(each.slice(method.length + 1))),
  )
  expect(silent.map(({ method, pattern }) => `${method} ${pattern.source}`)).toEqual([])
})
