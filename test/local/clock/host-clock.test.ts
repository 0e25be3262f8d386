import { describe, expect, it } from 'vitest'
import { type Instant, plusDays } from '../../../core/instant.ts'
import { createHostClock, earlier } from '../../../local/clock/host-clock.ts'

const start = '2026-03-01T12:00:00.000Z'

/** A host without sites, whose payments fall due at these instants. */
const play = (due: readonly Instant[], { takesLong = 0 }: { takesLong?: number } = {}) => {
  let now: Instant = start
  const happened: string[] = []
  const waiting = [...due]
  let undelivered = 0
  const turner = createHostClock({
    clock: {
      now: () => now,
      isTurned: () => false,
      beginTurn: async () => undefined,
      turnTo: async (instant) => {
        if (instant > now) now = instant
      },
      endTurn: async () => undefined,
    },
    running: {
      functions: ['act-on-deadlines', 'check-domains', 'follow-leads', 'heal-work', 'mail-sales', 'write-reports'].map(
        (name) => ({
          name,
          entry: { kind: 'event' },
          invoke: async () => {
            happened.push(`${name} ${now}`)
          },
        }),
      ) as never,
      workflows: { status: async () => 'unknown' } as never,
      isPublished: async () => true,
    },
    ports: {
      sites: {
        listDue: async function* () {},
        get: async () => undefined,
        firstDue: async () => undefined,
        countDue: async () => 0,
      } as never,
      brakes: { read: async () => undefined } as never,
      totals: { get: async () => undefined } as never,
      policies: { find: () => undefined } as never,
      plans: { plans: [] },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      pause: async () => {
        undelivered -= 1
      },
      monotonic: () => 0,
    },
    payments: {
      act: () => {
        for (const at of waiting.filter((each) => each <= now)) {
          waiting.splice(waiting.indexOf(at), 1)
          happened.push(`collect ${now}`)
          undelivered = takesLong
        }
      },
      nextWakeUp: (after) => waiting.filter((each) => each > after).toSorted()[0],
      isDelivered: () => {
        if (undelivered <= 0) return true
        happened.push('a webhook is on its way')
        return false
      },
    },
    newId: () => 'evt',
    isStopping: () => false,
  })
  return { turner, happened, waiting }
}

describe('the clock of a host that stands in for Stripe', () => {
  it('stops where something is to be collected, and collects before it takes anything away', async () => {
    const { turner, happened, waiting } = play([plusDays(start, 30), plusDays(start, 31), plusDays(start, 400)])
    expect((await turner.turn('P60D')).now).toBe(plusDays(start, 60))
    expect(waiting).toEqual([plusDays(start, 400)])
    for (const days of [30, 31]) {
      const at = happened.indexOf(`collect ${plusDays(start, days)}`)
      expect(at).toBeGreaterThan(-1)
      expect(happened[at + 1]).toBe(`act-on-deadlines ${plusDays(start, days)}`)
    }
  })

  it('scores leads, sends digests and writes reports where it arrives', async () => {
    const { turner, happened } = play([])
    await turner.turn('P2D')
    const at = plusDays(start, 2)
    const names = ['check-domains', 'follow-leads', 'mail-sales', 'write-reports']
    expect(happened.slice(-4)).toEqual(names.map((name) => `${name} ${at}`))
  })

  it('waits for its subscribers before it continues', async () => {
    const { turner, happened } = play([plusDays(start, 1)], { takesLong: 3 })
    await turner.turn('P2D')
    const at = happened.indexOf(`collect ${plusDays(start, 1)}`)
    expect(happened.slice(at + 1, at + 6)).toEqual([
      'a webhook is on its way',
      'a webhook is on its way',
      'a webhook is on its way',
      'a webhook is on its way',
      `act-on-deadlines ${plusDays(start, 1)}`,
    ])
  })
})

describe('the earlier of two instants', () => {
  it.each([
    [undefined, undefined, undefined],
    [start, undefined, start],
    [undefined, start, start],
    [start, plusDays(start, 1), start],
    [plusDays(start, 1), start, start],
  ])('of %s and %s is %s', (one, other, expected) => {
    expect(earlier(one, other)).toBe(expected)
  })
})
