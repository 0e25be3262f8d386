import { describe, expect, it } from 'vitest'
import { type DomainEvent, type SiteEvent, siteEventSchema } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { type ClockTurner, createClockTurner } from '../../../local/clock/turn-clock.ts'
import { requiredData } from '../../support/event-data.ts'

const start = '2026-03-01T12:00:00.000Z'
const site = (letter: string): SiteId => `site_0${letter.repeat(25)}`

let events = 0
const eventOf = (siteId: SiteId, type: SiteEvent['type'], at: string, data: object = {}): DomainEvent => {
  events += 1
  return siteEventSchema.parse({
    schemaVersion: 1,
    id: `evt_${String(events).padStart(26, '0')}`,
    type,
    aggregate: { type: 'site', id: siteId },
    version: events,
    at,
    actor: { kind: 'system' },
    causationId: 'c',
    data: {
      status: 'active',
      plan: 'trial',
      cell: 'local',
      blueprint: { name: 'welcome', version: 1 },
      ...requiredData(type),
      ...data,
    },
  })
}

interface Deadline {
  readonly at: string
  readonly siteId: SiteId
  readonly type: SiteEvent['type']
}

/** A world of deadlines: a sweep does so many of those that are due, and says so in events. */
const play = (
  deadlines: readonly Deadline[],
  { perSweep = 10, isBlocked = () => false }: { perSweep?: number; isBlocked?: (deadline: Deadline) => boolean } = {},
) => {
  let now = start
  let isTurned = false
  let isStopping = false
  const stops: string[] = []
  const visits: string[] = []
  const waiting = [...deadlines]
  let turner: ClockTurner
  const ports = {
    clock: {
      now: () => now,
      isTurned: () => isTurned,
      beginTurn: async () => {
        isTurned = true
      },
      turnTo: async (instant: string) => {
        if (instant > now) now = instant
        stops.push(now)
      },
      endTurn: async () => {
        isTurned = false
      },
    },
    sweep: async () => {
      visits.push(now)
      for (const due of waiting.filter((each) => each.at <= now && !isBlocked(each)).slice(0, perSweep)) {
        waiting.splice(waiting.indexOf(due), 1)
        const event = eventOf(due.siteId, due.type, now)
        turner.note(event)
        turner.note(event)
      }
    },
    quiet: async () => undefined,
    nextVisit: async ({ now: from, until, leftOut }: { now: string; until: string; leftOut: ReadonlySet<SiteId> }) =>
      waiting
        .filter(({ at, siteId }) => at > from && at <= until && !leftOut.has(siteId))
        .map(({ at }) => at)
        .toSorted()[0],
    isBrakeOn: async () => false,
    isStopping: () => isStopping,
  }
  turner = createClockTurner(ports)
  return {
    turner,
    ports,
    stops,
    visits,
    waiting,
    isTurned: () => isTurned,
    interrupt: () => {
      isTurned = true
    },
    stop: () => {
      isStopping = true
    },
  }
}

describe('advancing the clock', () => {
  it('stops at every deadline on the way, in order, and says what came of each, once', async () => {
    const world = play([
      { at: plusDays(start, 14), siteId: site('b'), type: 'SiteSuspended' },
      { at: plusDays(start, 7), siteId: site('a'), type: 'SiteReminded' },
      { at: plusDays(start, 11), siteId: site('a'), type: 'SiteReminded' },
      { at: plusDays(start, 15), siteId: site('a'), type: 'SiteArchived' },
    ])
    expect(await world.turner.turn('P14D')).toEqual({
      now: plusDays(start, 14),
      ran: [
        { at: plusDays(start, 7), siteId: site('a'), step: 'remind', daysBefore: 3 },
        { at: plusDays(start, 11), siteId: site('a'), step: 'remind', daysBefore: 3 },
        { at: plusDays(start, 14), siteId: site('b'), step: 'suspend' },
      ],
    })
    expect(world.stops).toEqual([plusDays(start, 7), plusDays(start, 11), plusDays(start, 14), plusDays(start, 14)])
    expect(world.waiting).toHaveLength(1)
    expect(world.isTurned()).toBe(false)
  })

  it('does what is due already before it begins to turn', async () => {
    const world = play([{ at: plusDays(start, -1), siteId: site('a'), type: 'SiteSuspended' }])
    expect((await world.turner.turn('PT1S')).ran).toEqual([{ at: start, siteId: site('a'), step: 'suspend' }])
  })

  it('sweeps on at one stop for as long as a sweep brings anything', async () => {
    const many = Array.from({ length: 7 }, (_, index) => ({
      at: plusDays(start, 1),
      siteId: site(String(index)),
      type: 'SiteSuspended' as const,
    }))
    const world = play(many, { perSweep: 2 })
    const { ran } = await world.turner.turn('P2D')
    expect(ran.map(({ at }) => at)).toEqual(many.map(() => plusDays(start, 1)))
  })

  it('continues to the end where a due step is not done, and says that the brake is on', async () => {
    const world = play([{ at: plusDays(start, 1), siteId: site('a'), type: 'SiteSuspended' }], {
      isBlocked: () => true,
    })
    world.ports.isBrakeOn = async () => true
    const turner = createClockTurner(world.ports)
    expect(await turner.turn('P30D')).toEqual({ now: plusDays(start, 30), ran: [], brake: 'on' })
  })

  it('continues where a sweep fails', async () => {
    const world = play([])
    const turner = createClockTurner({ ...world.ports, sweep: () => Promise.reject(new Error('no table')) })
    expect(await turner.turn('P1D')).toEqual({ now: plusDays(start, 1), ran: [] })
  })

  it('is a surprise to nobody while it lasts', async () => {
    const world = play([{ at: plusDays(start, 1), siteId: site('a'), type: 'SiteSuspended' }])
    const seen: boolean[] = []
    const turner = createClockTurner({
      ...world.ports,
      sweep: async () => {
        seen.push(world.isTurned())
      },
    })
    await turner.turn('P2D')
    expect(seen.length).toBeGreaterThan(2)
    expect(seen).not.toContain(false)
    expect(world.isTurned()).toBe(false)
  })

  it('stops no more for a site whose operation fails again and again', async () => {
    const world = play([])
    let failures = 0
    const turner: ClockTurner = createClockTurner({
      ...world.ports,
      sweep: async () => {
        failures += 1
        const data = { operation: 'archive', outcome: 'failed' }
        turner.note(eventOf(site('a'), 'SiteOperationEnded', world.ports.clock.now(), data))
      },
      nextVisit: async ({ now, leftOut, until }) => {
        const next = plusMilliseconds(now, 3_600_000)
        return leftOut.has(site('a')) || next > until ? undefined : next
      },
    })
    await turner.turn('P90D')
    expect(failures).toBeLessThan(6)
  })

  it('leaves out what a person did', async () => {
    const world = play([])
    const owner = { kind: 'owner', personId: `prsn_${'p'.repeat(26)}` } as const
    const turner: ClockTurner = createClockTurner({
      ...world.ports,
      sweep: async () => turner.note({ ...eventOf(site('a'), 'SiteSuspended', start), actor: owner } as DomainEvent),
    })
    expect((await turner.turn('P1D')).ran).toEqual([])
  })

  it('is done once at a time', async () => {
    const world = play([])
    const first = world.turner.turn('P1D')
    await expect(world.turner.turn('P1D')).rejects.toMatchObject({ kind: 'OperationInProgress' })
    expect((await first).now).toBe(plusDays(start, 1))
    expect((await world.turner.turn('P1D')).now).toBe(plusDays(start, 2))
  })

  it('turns nothing for nonsense', async () => {
    const world = play([])
    await expect(world.turner.turn('P-1D')).rejects.toMatchObject({ kind: 'InvalidRequest' })
    expect([world.stops, world.isTurned()]).toEqual([[], false])
  })

  it('ends with the host, and is taken up by the next one', async () => {
    const world = play([{ at: plusDays(start, 1), siteId: site('a'), type: 'SiteSuspended' }])
    world.stop()
    await expect(world.turner.turn('P2D')).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(world.isTurned()).toBe(true)
  })

  it('that was cut off is finished without turning further', async () => {
    const world = play([{ at: plusDays(start, -1), siteId: site('a'), type: 'SiteSuspended' }])
    await world.turner.finishInterrupted()
    expect(world.visits).toEqual([])
    world.interrupt()
    await world.turner.finishInterrupted()
    expect(world.waiting).toEqual([])
    expect([world.ports.clock.now(), world.isTurned()]).toEqual([start, false])
  })
})
