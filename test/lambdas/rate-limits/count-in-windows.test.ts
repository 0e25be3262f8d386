import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SitewrightError } from '../../../core/errors.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import {
  countInWindows,
  countUse,
  type RateLimit,
  readUse,
  type Subject,
} from '../../../lambdas/rate-limits/count-in-windows.ts'
import { countedWindows } from '../../support/counted-windows.ts'

const noon = '2026-03-01T12:00:00.000Z'

const stage = () => {
  let now = noon
  const rateWindows = countedWindows()
  const ports = {
    rateWindows,
    clocks: { wall: () => now, domain: () => '2030-01-01T00:00:00.000Z' },
    codeSecret: async () => 's',
  }
  /** The seconds to wait, or the part of the limits that is used. */
  const count = async (...subjects: Subject[]): Promise<{ wait: number } | { used: number }> => {
    try {
      await countInWindows(ports, subjects)
      return { used: (await readUse(ports, subjects)).share }
    } catch (error) {
      if (!(error instanceof SitewrightError) || error.kind !== 'RateLimited') throw error
      return { wait: error.retryAfterSeconds ?? Number.NaN }
    }
  }
  return {
    ports,
    rateWindows,
    count,
    at: (milliseconds: number) => {
      now = plusMilliseconds(noon, milliseconds)
    },
  }
}

const network = (limits: readonly RateLimit[], name = '192.0.2.1'): Subject => ({
  of: 'signups of network',
  name,
  limits,
})

describe('a rate window', () => {
  it('admits requests up to the limit and returns the wait for the others', async () => {
    const { count, at } = stage()
    const subject = network([{ limit: 2, minutes: 10 }])
    at(1)
    expect([await count(subject), await count(subject)]).toEqual([{ used: 0.5 }, { used: 1 }])
    expect(await count(subject)).toEqual({ wait: 600 })
    at(10 * 60_000 - 1)
    expect(await count(subject)).toEqual({ wait: 1 })
  })

  it('is a new one from its end on, to the millisecond', async () => {
    const { count, at } = stage()
    const subject = network([{ limit: 1, minutes: 10 }])
    await count(subject)
    at(10 * 60_000 - 1)
    expect(await count(subject)).toHaveProperty('wait')
    at(10 * 60_000)
    expect(await count(subject)).toEqual({ used: 1 })
  })

  it('counts each subject separately', async () => {
    const { count } = stage()
    const limits = [{ limit: 1, minutes: 10 }]
    expect(await count(network(limits, '192.0.2.1'))).toEqual({ used: 1 })
    expect(await count(network(limits, '192.0.2.2'))).toEqual({ used: 1 })
    expect(await count({ of: 'tries of network', name: '192.0.2.1', limits })).toEqual({ used: 1 })
  })

  it('counts in several windows by one call, and tells the longest wait', async () => {
    const { count, rateWindows } = stage()
    const subject = network([
      { limit: 1, minutes: 1 },
      { limit: 1, minutes: 60 },
    ])
    await count(subject)
    expect(await count(subject)).toEqual({ wait: 3600 })
    expect(rateWindows.asked.map((windows) => windows.length)).toEqual([2, 2])
    expect(rateWindows.asked[0]?.map(({ endsAt }) => endsAt)).toEqual([
      '2026-03-01T12:01:00.000Z',
      '2026-03-01T13:00:00.000Z',
    ])
  })

  it.each([
    ['part of the longest', 15, 1440, true],
    ['no divisor of the longest', 7, 60, false],
    ['one of too many parts', 1, 10_080, false],
  ])('is stored with the longest one if it is a part of it: %s', async (_, minutes, longest, isWithin) => {
    const { count, rateWindows } = stage()
    const limits = [minutes, longest].map((each) => ({ limit: 1, minutes: each }))
    await count(network(limits))
    const [short, long] = rateWindows.asked[0] ?? []
    expect(short?.within?.key).toBe(isWithin ? long?.key : undefined)
  })

  it('is named without the subject in it', async () => {
    const { count, rateWindows } = stage()
    await count(network([{ limit: 1, minutes: 1 }]))
    expect(JSON.stringify(rateWindows.asked)).not.toContain('192.0.2.1')
  })

  it('that does not exist costs no call', async () => {
    const { count, rateWindows } = stage()
    expect(await count(network([]))).toEqual({ used: 0 })
    expect(rateWindows.asked).toEqual([])
  })

  it('counts beyond its limit without a refusal where none is wanted', async () => {
    const { ports } = stage()
    const subject = network([{ limit: 2, minutes: 10 }])
    const used = [await countUse(ports, [subject]), await countUse(ports, [subject]), await countUse(ports, [subject])]
    expect(used).toEqual([
      { share: 0.5, retryAfterSeconds: 0 },
      { share: 1, retryAfterSeconds: 0 },
      { share: 1.5, retryAfterSeconds: 600 },
    ])
  })

  it('counts apart what arrives', async () => {
    const { ports, count } = stage()
    const subject = network([{ limit: 1, minutes: 10 }])
    await countUse(ports, [{ ...subject, isArriving: true }])
    expect(await count(subject)).toEqual({ used: 1 })
  })

  it('whatever comes when: passes exactly the first of each stretch, and the wait ends with it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.integer({ min: 0, max: 40 * 60_000 }), { maxLength: 40 }),
        async (limit, minutes, moments) => {
          const { count, at } = stage()
          const start = Date.parse(noon)
          const length = minutes * 60_000
          const seen = new Map<number, number>()
          for (const moment of moments.toSorted((one, other) => one - other)) {
            at(moment)
            const now = start + moment
            const stretch = Math.floor(now / length)
            const before = seen.get(stretch) ?? 0
            seen.set(stretch, before + 1)
            const result = await count(network([{ limit, minutes }]))
            if (before < limit) expect(result).toEqual({ used: (before + 1) / limit })
            else expect(result).toEqual({ wait: Math.ceil(((stretch + 1) * length - now) / 1000) })
          }
        },
      ),
    )
  })
})
