import { expect, it } from 'vitest'
import {
  createVisitorSketch,
  estimateVisitors,
  mergeSketches,
} from '../../../../lambdas/reports/usage/visitor-sketch.ts'

const sketchOf = (visitors: readonly string[], salt = 'salt') => {
  const sketch = createVisitorSketch()
  for (const visitor of visitors) sketch.add(visitor, salt)
  return sketch.bytes()
}

const people = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `198.51.100.${from + index}`)

it.each([0, 1, 2, 10, 100, 1000, 20_000, 300_000])('estimates %i visitors to a fifth', (count) => {
  // Three standard errors.
  const error = Math.abs(estimateVisitors(sketchOf(people(count))) - count)
  expect(error).toBeLessThanOrEqual(count * 0.2)
})

it('counts a visitor who comes again once, also at two routers', () => {
  expect(sketchOf(people(50).flatMap((visitor) => [visitor, visitor]))).toEqual(sketchOf(people(50)))
  const merged = mergeSketches([sketchOf(people(40)), sketchOf(people(40, 20))])
  expect(merged).toEqual(sketchOf(people(60)))
})

it('differs with the salt, so that days cannot be compared', () => {
  expect(sketchOf(people(50), 'today')).not.toEqual(sketchOf(people(50), 'yesterday'))
})
