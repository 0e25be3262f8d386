import { afterEach, describe, expect, it, vi } from 'vitest'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import { createEventBus, type LocalEventBus } from '../../local/event-bus.ts'
import type { LoadedFunction } from '../../local/loaded-function.ts'
import { claimed, stocked } from '../adapters/event-bus/sample-events.ts'
import { passTime } from '../support/pass-time.ts'
import { nothing, sampleFunction } from '../support/sample-function.ts'
import { waitFor } from '../support/wait-for.ts'

let count = 0

/** A subscriber that notes what it is given, and fails as often as told. */
const subscriber = (pattern: EventPattern | undefined, failures = 0) => {
  count += 1
  const given: unknown[] = []
  const loaded: LoadedFunction = {
    name: `subscriber-${count}`,
    definition: sampleFunction('subscriber', [
      pattern === undefined ? { everyMinutes: 1, run: nothing } : { events: pattern, run: nothing },
    ]),
    invoke: async (event) => {
      given.push(event)
      if (given.length <= failures) throw new Error(`failure ${given.length}`)
    },
  }
  return { loaded, given, types: () => given.map((event) => (event as { 'detail-type': string })['detail-type']) }
}

const open: LocalEventBus[] = []
afterEach(() => Promise.all(open.splice(0).map((bus) => bus.close())))

/** `delivered` resolves once so many events have reached all their subscribers, with their ids. */
const busOf = (...subscribers: readonly { readonly loaded: LoadedFunction }[]) => {
  const delivered: string[] = []
  const bus = createEventBus(() => subscribers.map(({ loaded }) => loaded), {
    secondMilliseconds: 1,
    onDelivered: ({ id }) => delivered.push(id),
  })
  open.push(bus)
  return {
    publish: bus.publish,
    close: bus.close,
    delivered: (events = 1) =>
      vi.waitFor(() => {
        expect(delivered).toHaveLength(events)
        return delivered
      }),
  }
}

describe('the event bus', () => {
  it('delivers an event in the form of EventBridge', async () => {
    const all = subscriber({ source: ['sitewright'] })
    const bus = busOf(all)
    await bus.publish([claimed])
    await bus.delivered()
    expect(all.given).toEqual([
      {
        version: '0',
        id: claimed.id,
        'detail-type': 'SiteClaimed',
        source: 'sitewright',
        account: expect.stringMatching(/^\d{12}$/),
        time: claimed.at,
        region: expect.any(String),
        resources: [],
        detail: claimed,
      },
    ])
  })

  it('delivers to those whose pattern matches, and to nobody else', async () => {
    const all = subscriber({ source: ['sitewright'] })
    const claims = subscriber({ 'detail-type': ['SiteClaimed'] })
    const owned = subscriber({ detail: { data: { accountId: [{ exists: true }] } } })
    const others = subscriber({ source: ['somebody-else'] })
    const clockOnly = subscriber(undefined)
    const bus = busOf(all, claims, owned, others, clockOnly)
    await bus.publish([stocked, claimed])
    await bus.delivered(2)
    expect(all.types()).toEqual(['SiteStocked', 'SiteClaimed'])
    expect(claims.types()).toEqual(['SiteClaimed'])
    expect(owned.types()).toEqual(['SiteClaimed'])
    expect(others.given).toEqual([])
    expect(clockOnly.given).toEqual([])
  })

  it('retries the subscriber that fails, and delivers once to the others', async () => {
    const shaky = subscriber({ source: ['sitewright'] }, 5)
    const steady = subscriber({ source: ['sitewright'] })
    const bus = busOf(shaky, steady)
    await bus.publish([claimed])
    expect(await bus.delivered()).toEqual([claimed.id])
    expect(shaky.given).toHaveLength(6)
    expect(steady.given).toHaveLength(1)
  })

  it('holds back no other subscriber behind a failing one, and keeps the order of each', async () => {
    const shaky = subscriber({ source: ['sitewright'] }, 5)
    const broken = subscriber({ 'detail-type': ['SiteStocked'] }, Number.POSITIVE_INFINITY)
    const steady = subscriber({ source: ['sitewright'] })
    const bus = busOf(shaky, broken, steady)
    await bus.publish([stocked, claimed])
    await vi.waitFor(() => expect(steady.types()).toEqual(['SiteStocked', 'SiteClaimed']))
    expect(await bus.delivered()).toEqual([claimed.id])
    expect(shaky.types()).toEqual([...Array(6).fill('SiteStocked'), 'SiteClaimed'])
  })

  it('keeps a failing subscriber from no event of another aggregate', async () => {
    const broken = subscriber({ source: ['sitewright'] })
    const { invoke } = broken.loaded
    const ofStockedOnly = {
      ...broken.loaded,
      invoke: async (event: unknown) => {
        await invoke(event)
        if ((event as { id: string }).id === stocked.id) throw new Error('broken')
      },
    }
    const other = { ...claimed, aggregate: { type: 'site', id: 'site_01jq3v5k8m0000000000000001' } } as const
    const bus = busOf({ loaded: ofStockedOnly })
    await bus.publish([stocked, other])
    expect(await bus.delivered()).toEqual([other.id])
  })

  it('that is closed waits for running deliveries, reports no other, and begins none', async () => {
    const broken = subscriber({ 'detail-type': ['SiteStocked'] }, Number.POSITIVE_INFINITY)
    const reported: string[] = []
    const bus = createEventBus(() => [broken.loaded], {
      secondMilliseconds: 1000,
      onDelivered: ({ id }) => reported.push(id),
    })
    await bus.publish([stocked])
    await vi.waitFor(() => expect(broken.given).toHaveLength(1))
    await bus.close()
    await bus.publish([stocked])
    expect([broken.given.length, reported]).toEqual([1, []])
  })

  it('that is closed waits five seconds at most for a delivery', async () => {
    const slow = subscriber({ 'detail-type': ['SiteStocked'] })
    const { promise, resolve } = Promise.withResolvers<void>()
    const invoke = vi.fn(() => promise)
    const bus = busOf({ loaded: { ...slow.loaded, invoke } })
    await bus.publish([stocked])
    await waitFor(() => invoke.mock.calls.length === 1)
    await passTime(5000, () => bus.close())
    resolve()
    expect(await bus.delivered()).toEqual([stocked.id])
  })

  it('accepts an empty list of events', async () => {
    await expect(busOf().publish([])).resolves.toBeUndefined()
  })
})
