import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { homeName, homeNamed, homeOf } from '../../../core/site/location.ts'
import { firstHome, newSiteId } from '../../support/probe-launch.ts'
import { siteSamples } from '../../support/site-samples.ts'

describe('the name of a data directory', () => {
  it('is the site’s id for the first one, and counts on for later ones', () => {
    const { siteId } = firstHome()
    expect(homeName({ siteId, cell: 'local', generation: 1 })).toBe(siteId)
    expect(homeName({ siteId, cell: 'local', generation: 2 })).toBe(`${siteId}.2`)
  })

  it('leads back to the data directory, whichever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (generation) => {
        const home = { siteId: newSiteId(), cell: 'local', generation }
        expect(homeNamed(homeName(home), 'local')).toEqual(home)
      }),
    )
  })

  it.each(['.1', '.0', '.02', '.-2', '.2.3', '.2 ', '.x', '.', '.1e3', '.1234567890', '/2', '..'])(
    'is none with %j after the id',
    (ending) => {
      expect(homeNamed(`${newSiteId()}${ending}`, 'local')).toBeUndefined()
    },
  )

  it.each(['', '.', '..', 'lost+found', 'site_1', 'site_1.2', 'acct_01jq3v5k8m0000000000000001'])(
    'is not %j',
    (name) => {
      expect(homeNamed(name, 'local')).toBeUndefined()
    },
  )
})

it('a site’s data directory is that of its present generation', () => {
  const { id } = siteSamples.active
  expect(homeOf({ ...siteSamples.active, generation: 4 })).toEqual({ siteId: id, cell: 'local', generation: 4 })
})
