import { describe, expect, it } from 'vitest'
import type { EventPattern } from '../../core/events/event-pattern.ts'
import { createEventBus } from '../../local/event-bus.ts'
import type { LoadedFunction } from '../../local/load-functions.ts'
import { claimed, stocked } from '../adapters/event-bus/sample-events.ts'
import { nothing, sampleFunction } from '../support/sample-function.ts'

/** A subscriber that notes what it is given, and fails as often as told. */
const subscriber = (pattern: EventPattern | undefined, failures = 0) => {
  const given: unknown[] = []
  const loaded: LoadedFunction = {
    name: 'subscriber',
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

const busOf = (...subscribers: readonly { readonly loaded: LoadedFunction }[]) =>
  createEventBus(() => subscribers.map(({ loaded }) => loaded), { secondMilliseconds: 1 })

describe('the event bus', () => {
  it('delivers an event in the form of EventBridge', async () => {
    const all = subscriber({ source: ['sitewright'] })
    await busOf(all).publish([claimed])
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
    await busOf(all, claims, owned, others, clockOnly).publish([stocked, claimed])
    expect(all.types()).toEqual(['SiteStocked', 'SiteClaimed'])
    expect(claims.types()).toEqual(['SiteClaimed'])
    expect(owned.types()).toEqual(['SiteClaimed'])
    expect(others.given).toEqual([])
    expect(clockOnly.given).toEqual([])
  })

  it('tries again where a subscriber fails, and does not bother the others with it', async () => {
    const shaky = subscriber({ source: ['sitewright'] }, 2)
    const steady = subscriber({ source: ['sitewright'] })
    await busOf(shaky, steady).publish([claimed])
    expect(shaky.given).toHaveLength(3)
    expect(steady.given).toHaveLength(1)
  })

  it('fails where a subscriber keeps failing, says with what, and lets nothing overtake the event', async () => {
    const broken = subscriber({ 'detail-type': ['SiteStocked'] }, Number.POSITIVE_INFINITY)
    const steady = subscriber({ source: ['sitewright'] })
    const publishing = busOf(broken, steady).publish([stocked, claimed])
    await expect(publishing).rejects.toThrow(`${stocked.id} did not reach all its subscribers`)
    await expect(publishing).rejects.toMatchObject({ errors: [new Error('failure 3')] })
    expect(steady.types()).toEqual(['SiteStocked'])
  })

  it('accepts an empty list of events', async () => {
    await expect(busOf().publish([])).resolves.toBeUndefined()
  })
})
