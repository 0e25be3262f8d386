import { expect, it } from 'vitest'
import { plusMilliseconds } from '../../../../core/instant.ts'
import type { Site } from '../../../../core/site/site.ts'
import { buildTimes, createBuildEstimates } from '../../../../lambdas/sites/pool/build-times.ts'
import { siteSamples } from '../../../support/site-samples.ts'

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

it('estimates builds from ten recent ones or more, which are read once a minute', async () => {
  let now = start
  let reads = 0
  const sites = Array.from({ length: 10 }, (_, index) => built(index + 1, 100))
  const newestByStatus = async (status: string) => {
    if (status !== 'active') return []
    reads += 1
    return [...sites, built(7, 100, 'other')]
  }
  const estimateOf = createBuildEstimates({ newestByStatus } as Parameters<typeof createBuildEstimates>[0], {
    wall: () => now,
  })
  expect(await estimateOf('welcome')).toEqual({ usual: 5, ninetieth: 9 })
  expect([await estimateOf('other'), await estimateOf('unknown')]).toEqual([undefined, undefined])
  expect(reads).toBe(1)
  sites.pop()
  now = after(60)
  expect(await estimateOf('welcome')).toBeUndefined()
  expect(reads).toBe(2)
})
