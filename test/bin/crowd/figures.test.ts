import { expect, it } from 'vitest'
import { figuresOf } from '../../../bin/crowd/figures.ts'

it('the median and the 99th percentile are values that were measured', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(figuresOf(hundred)).toEqual({ count: 100, median: 50, p99: 99, max: 100 })
})

it('nothing measured gives zeros', () => {
  expect(figuresOf([])).toEqual({ count: 0, median: 0, p99: 0, max: 0 })
})
