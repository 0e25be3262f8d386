import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'

const draw = (seed: number): readonly number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: 1000 }, () => random.below(10))
}

it('a seed repeats its numbers, and another one gives others', () => {
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

it('every number below the limit comes about as often', () => {
  const times = Map.groupBy(draw(7), (number) => number)
  expect([...times.keys()].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  for (const [, same] of times) expect(same.length).toBeGreaterThan(60)
})

it('shuffling keeps every item', () => {
  const items = ['a', 'b', 'c', 'd']
  const { shuffle } = seededRandom(1)
  const orders = new Set(Array.from({ length: 50 }, () => shuffle(items).join('')))
  expect(orders.size).toBeGreaterThan(5)
  for (const order of orders) expect([...order].toSorted()).toEqual(items)
})
