import { describe, expect, it } from 'vitest'
import { createConsoleLog } from '../../adapters/console-log.ts'

const written = (level: 'debug' | 'info' | 'warn' | 'error') => {
  const lines: string[] = []
  return { lines, log: createConsoleLog(level, (text) => lines.push(text)) }
}

describe('a log for CloudWatch', () => {
  it('writes one JSON object a line, with its level, its message and its fields', () => {
    const { lines, log } = written('info')
    log.warn({ siteId: 'site_1', tries: 2 }, 'two\nlines')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.+Z$/),
      level: 'warn',
      message: 'two\nlines',
      siteId: 'site_1',
      tries: 2,
    })
  })

  it('writes nothing below its level', () => {
    const { lines, log } = written('warn')
    log.info({}, 'quiet')
    log.warn({}, 'heard')
    log.error({}, 'heard')
    expect(lines).toHaveLength(2)
  })

  it('shows each of several errors', () => {
    const { lines, log } = written('info')
    log.error({ err: new AggregateError([new RangeError('one'), new TypeError('two')], 'several') }, 'failed')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: { message: 'several', errors: [{ message: 'one' }, { message: 'two' }] },
    })
  })

  it('shows an error with its name, its message, its stack and its cause', () => {
    const { lines, log } = written('info')
    log.error({ err: new TypeError('outer', { cause: new RangeError('inner') }) }, 'failed')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: {
        name: 'TypeError',
        message: 'outer',
        stack: expect.stringContaining('console-log.test'),
        cause: { name: 'RangeError', message: 'inner' },
      },
    })
  })
})
