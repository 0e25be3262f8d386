import { expect, it } from 'vitest'
import { countWarnings } from '../../../bin/crowd/count-warnings.ts'

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
