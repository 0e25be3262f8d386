import { expect, it } from 'vitest'
import type { Site } from '../../../core/site/site.ts'
import { createQuiet } from '../../../local/clock/host-clock.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'

const idle: Site = siteSamples.suspended
const busy: Site = {
  ...siteSamples.suspended,
  operation: {
    kind: 'archive',
    id: `archive-site-${siteSamples.suspended.id}-7`,
    fence: 1,
    startedAt: '2026-03-01T12:00:00.000Z',
    archiveId: `arc_${'a'.repeat(26)}`,
    generation: 1,
  },
}

/** A world with one site, in which time passes only while somebody waits. */
const play = (
  change: { site?: Site; status?: 'running' | 'failed'; published?: boolean } = {},
  happens: (world: { site: Site; published: boolean; seconds: number }) => void = () => undefined,
) => {
  const log = recordingLog()
  const world = { site: busy, published: true, seconds: 0, ...change }
  let heals = 0
  let isStopping = false
  const quiet = createQuiet({
    sites: {
      // The index has what was.
      listDue: async function* () {
        yield busy
      },
      get: async () => world.site,
    },
    workflows: { status: async () => change.status ?? 'running' },
    isPublished: async () => world.published,
    heal: async () => {
      heals += 1
      throw new Error('nothing to heal')
    },
    isStopping: () => isStopping,
    pause: async (milliseconds) => {
      world.seconds += milliseconds / 1000
      happens(world)
    },
    monotonic: () => world.seconds * 1000,
    log,
  })
  return {
    quiet,
    world,
    log,
    heals: () => heals,
    stop: () => {
      isStopping = true
    },
  }
}

it('is there at once where nothing is running', async () => {
  const { quiet, world } = play({ site: idle })
  await quiet()
  expect(world.seconds).toBe(0)
})

it('comes with the end of the running work, of a long archive as well', async () => {
  const { quiet, world, log } = play({}, (now) => {
    if (now.seconds > 300) now.site = idle
  })
  await quiet()
  expect(world.seconds).toBeGreaterThan(300)
  expect(log.lines).toEqual([])
})

it('comes once every event has reached its subscribers', async () => {
  const { quiet, world } = play({ site: idle, published: false }, (now) => {
    if (now.seconds > 3) now.published = true
  })
  await quiet()
  expect(world.seconds).toBeGreaterThan(3)
})

it('looks once more where something was begun while events were handled', async () => {
  let seen = 0
  const { quiet, world } = play({ site: idle, published: false }, (now) => {
    seen += 1
    if (seen === 1) Object.assign(now, { site: busy, published: true })
    if (now.seconds > 1) now.site = idle
  })
  await quiet()
  expect(world.seconds).toBeGreaterThan(1)
})

it('has operations taken up that nobody works on, and does not wait for them for ever, nor twice', async () => {
  const { quiet, world, log, heals } = play({ status: 'failed' })
  await quiet()
  expect(world.seconds).toBeGreaterThanOrEqual(60)
  expect(world.seconds).toBeLessThan(70)
  expect(heals()).toBeGreaterThan(10)
  expect(log.lines).toEqual([expect.objectContaining({ level: 'warn' })])
  const before = world.seconds
  await quiet()
  expect(world.seconds).toBe(before)
})

it('does not wait for ever for what runs without an end', async () => {
  const { quiet, world } = play()
  await quiet()
  expect(world.seconds).toBeGreaterThanOrEqual(900)
  expect(world.seconds).toBeLessThan(1000)
})

it('does not wait for ever for events that cannot be published', async () => {
  const { quiet, world, log } = play({ site: idle, published: false })
  await quiet()
  expect(world.seconds).toBeGreaterThanOrEqual(60)
  expect(world.seconds).toBeLessThan(70)
  expect(log.lines).toEqual([expect.objectContaining({ level: 'warn' })])
})

it('is not waited for by a host that is being stopped', async () => {
  const { quiet, stop, world } = play()
  stop()
  await quiet()
  expect(world.seconds).toBe(0)
})
