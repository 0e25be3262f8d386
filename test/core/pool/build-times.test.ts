import { expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { buildTimes } from '../../../core/pool/build-times.ts'
import type { Site } from '../../../core/site/site.ts'
import { siteSamples } from '../../support/site-samples.ts'

const start = '2026-03-01T12:00:00.000Z'
const after = (seconds: number) => plusMilliseconds(start, seconds * 1000)

const built = (seconds: number, claimedAfter: number, blueprint = 'welcome'): Site => {
  const site = siteSamples.active
  return {
    ...site,
    blueprint: { name: blueprint, version: 1 },
    createdAt: start,
    completedSteps: [{ name: 'open', at: after(seconds) }],
    ownership: { ...site.ownership, since: after(claimedAfter) },
  }
}

it('has median and 90th percentile of each blueprint', () => {
  const sites = [...Array.from({ length: 10 }, (_, index) => built(index + 1, 100)), built(7, 100, 'other')]
  expect(buildTimes(sites)).toEqual(
    new Map([
      ['welcome', { builds: 10, median: 5000, ninetieth: 9000 }],
      ['other', { builds: 1, median: 7000, ninetieth: 7000 }],
    ]),
  )
})

it('times a prepared site from its claim, and omits sites that are not built', () => {
  const { completedSteps: _, ...rest } = built(1, 1)
  expect(buildTimes([built(3600, 3590), { ...rest, completedSteps: [] }])).toEqual(
    new Map([['welcome', { builds: 1, median: 10_000, ninetieth: 10_000 }]]),
  )
})
