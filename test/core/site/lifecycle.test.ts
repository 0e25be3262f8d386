import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { siteEventTypes } from '../../../core/events/event.ts'
import type { TransitionName } from '../../../core/site/lifecycle.ts'
import { isFinal, requireTransition, transitions } from '../../../core/site/lifecycle.ts'
import type { SiteStatus } from '../../../core/site/site.ts'
import { everyStatus, siteSamples } from '../../support/site-samples.ts'

/** Written out once more by hand: a change of the table has to be meant. */
const allowed: Readonly<Record<TransitionName, readonly (SiteStatus | 'nothing')[]>> = {
  request: ['nothing'],
  advance: ['building'],
  retry: ['building'],
  stock: ['building'],
  open: ['building'],
  fail: ['building'],
  claim: ['ready'],
  retire: ['ready'],
  moveReady: ['ready'],
  moveActive: ['active'],
  suspend: ['active'],
  resume: ['suspended'],
  archive: ['suspended'],
  restore: ['archived'],
  purge: ['archived', 'suspended'],
}
const names = Object.keys(transitions) as TransitionName[]
const origins = ['nothing', ...everyStatus] as const
const cases = names.flatMap((name) =>
  origins.map((origin) => [name, origin, allowed[name].includes(origin) ? 'allowed' : 'forbidden'] as const),
)
const siteAt = (origin: (typeof origins)[number]) => (origin === 'nothing' ? undefined : siteSamples[origin])

describe('the table of transitions', () => {
  it.each(cases)('%s from %s is %s', (name, origin, verdict) => {
    const ask = () => requireTransition(name, siteAt(origin))
    if (verdict === 'allowed') expect(ask()).toBe(transitions[name])
    else expect(ask).toThrow(expect.objectContaining({ kind: 'TransitionNotAllowed' }))
  })

  it('says what was wrong with a forbidden one', () => {
    expect(() => requireTransition('claim', siteSamples.active)).toThrow(
      'A site that is active cannot claim; it would have to be ready.',
    )
    expect(() => requireTransition('claim', undefined)).toThrow('A site that is not there yet cannot claim')
    expect(() => requireTransition('request', siteSamples.failed)).toThrow('it would have to be new')
  })

  it('leads to every status and names every event', () => {
    expect(new Set(names.map((name) => transitions[name].to))).toEqual(new Set(everyStatus))
    expect(new Set(names.map((name) => transitions[name].event))).toEqual(new Set(siteEventTypes))
  })

  it('has failed and purged as its only ends', () => {
    expect(everyStatus.filter(isFinal).toSorted()).toEqual(['failed', 'purged'])
  })

  it('hands out nothing that had an owner: only ready is claimed, and nothing that had one becomes ready', () => {
    const intoReady = names.filter((name) => transitions[name].to === 'ready')
    expect(new Set(intoReady.flatMap((name) => transitions[name].from))).toEqual(new Set(['building', 'ready']))
  })

  it('lets no sequence of transitions leave an end, or pass the pool twice', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 200 }), (sequence) => {
        const path: SiteStatus[] = ['building']
        for (const name of sequence) {
          const status = path.at(-1) ?? 'building'
          if (!transitions[name].from.some((from) => from === status)) continue
          expect(isFinal(status)).toBe(false)
          path.push(transitions[name].to)
        }
        const leftPool = path.findIndex((status) => !['building', 'ready'].includes(status))
        expect(leftPool === -1 ? [] : path.slice(leftPool)).not.toContain('ready')
      }),
    )
  })
})
