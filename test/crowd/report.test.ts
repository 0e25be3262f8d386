import { expect, it } from 'vitest'
import { countWarnings, figuresOf } from './report.ts'

it('the median and the 99th percentile are values that were measured', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(figuresOf(hundred)).toEqual({ count: 100, median: 50, p99: 99, max: 100 })
})

it('nothing measured gives zeros', () => {
  expect(figuresOf([])).toEqual({ count: 0, median: 0, p99: 0, max: 0 })
})

const line = (level: number, msg: string): string => JSON.stringify({ level, msg })

it('warnings and errors are counted by what they say, and nothing else is', () => {
  const output = [
    '',
    'Sitewright is running',
    line(30, 'fine'),
    line(40, 'slow'),
    line(50, 'gone'),
    line(40, 'slow'),
    '{"le',
  ]
  expect(countWarnings(output.join('\n'))).toEqual({ slow: 2, gone: 1 })
})
