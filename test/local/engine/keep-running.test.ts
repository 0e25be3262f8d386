import { describe, expect, it } from 'vitest'
import { type Child, keepRunning } from '../../../local/engine/keep-running.ts'

const silent = { info: () => {}, warn: () => {} }
const neverHung = async (): Promise<undefined> => undefined
const ended = (reason: string): Child => ({ pid: 1, ended: Promise.resolve(reason), end: async () => {} })

describe('keeping an engine running', () => {
  it.each([
    ['pauses longer after each of several ends in a row, up to a limit', 60_000, [0, 1, 2, 4, 4, 4]],
    ['forgets earlier ends once it has run well', 0, [0, 0, 0]],
  ] as const)('starts it again at once, and %s', async (_, wellAfterMilliseconds, expected) => {
    const pauses: unknown[] = []
    const enough = Promise.withResolvers<void>()
    const log = {
      ...silent,
      error: (details: { pauseMilliseconds: number }) => {
        pauses.push(details.pauseMilliseconds)
        if (pauses.length === expected.length) enough.resolve()
      },
    }
    const running = keepRunning(
      {
        first: ended('exit code 1'),
        start: async () => ended('exit code 1'),
        untilHung: neverHung,
        log: log as never,
        name: 'dynoxide',
      },
      { firstPauseMilliseconds: 1, longestPauseMilliseconds: 4, wellAfterMilliseconds },
    )
    await enough.promise
    await running.stop()
    expect(pauses.slice(0, expected.length)).toEqual(expected)
  })

  it('ends a child that was being started while it was told to stop', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<void>()
    const late = Promise.withResolvers<string>()
    const running = keepRunning({
      first: ended('SIGKILL'),
      start: async () => {
        asked.resolve()
        await answer.promise
        return { pid: 2, ended: late.promise, end: async () => late.resolve('SIGTERM') }
      },
      untilHung: neverHung,
      log: { ...silent, error: () => {} },
      name: 'dynoxide',
    })
    await asked.promise
    const stopped = running.stop()
    answer.resolve()
    await stopped
    expect(await late.promise).toBe('SIGTERM')
  })

  it('ends a child that hangs, and starts another', async () => {
    const first = Promise.withResolvers<string>()
    const second = Promise.withResolvers<string>()
    const started = Promise.withResolvers<void>()
    const reasons: unknown[] = []
    const running = keepRunning({
      first: { pid: 1, ended: first.promise, end: async () => first.resolve('SIGKILL') },
      start: async () => {
        started.resolve()
        return { pid: 2, ended: second.promise, end: async () => second.resolve('SIGTERM') }
      },
      untilHung: async () => (reasons.length === 0 ? 'it did not answer' : undefined),
      log: { ...silent, error: ({ reason }: { reason: string }) => reasons.push(reason) } as never,
      name: 'dynoxide',
    })
    await started.promise
    expect(await first.promise).toBe('SIGKILL')
    await running.stop()
    expect(await second.promise).toBe('SIGTERM')
    expect(reasons).toEqual(['it did not answer'])
  })
})
