import { describe, expect, it } from 'vitest'
import type { SiteId } from '../../../../core/ids.ts'
import { createGrowingSites, type GrowthPorts } from '../../../../lambdas/sites/run/pause-growing-sites.ts'
import { reclaimScene } from '../../../support/reclaim-scene.ts'

const mebibyte = 1_048_576

const growing = async (change: Partial<GrowthPorts> = {}) => {
  const scene = await reclaimScene()
  const stored = new Map<SiteId, number | Error>()
  const started: string[] = []
  const sites = createGrowingSites(
    {
      ...scene.ports,
      meter: {
        measure: async ({ siteId }) => {
          const bytes = stored.get(siteId)
          if (bytes instanceof Error) throw bytes
          return bytes
        },
      },
      workflows: {
        start: async (machine, name) => void started.push(`${machine} ${name}`),
        status: async () => 'unknown',
      },
      ...change,
    },
    'local',
  )
  const open = async (mebibytes: number) => {
    const { id } = await scene.open()
    stored.set(id, mebibytes * mebibyte)
    return id
  }
  return { ...scene, ...sites, stored, started, open }
}

describe('pausing the sites that fill the disk', () => {
  it('suspends the one that grew most since the last measurement, and stops it at once', async () => {
    const { open, stored, measure, pauseFastest, get, started, ports } = await growing()
    const [large, fast, slow] = [await open(500), await open(10), await open(10)]
    await measure()
    stored.set(fast, 60 * mebibyte)
    stored.set(slow, 30 * mebibyte)
    expect(await pauseFastest()).toBe(fast)
    const suspended = await get(fast, 'suspended')
    expect(suspended.suspendedBecause).toBe('storage-full')
    expect(started).toEqual([`suspend-site ${suspended.operation?.id}-1`])
    expect(await ports.runtime.locate({ siteId: fast, cell: 'local' })).toBeUndefined()
    await get(large, 'active')

    stored.set(slow, 50 * mebibyte)
    expect(await pauseFastest()).toBe(slow)
    expect(await pauseFastest()).toBeUndefined()
    await get(large, 'active')
  })

  it('pauses first a site that can no longer be measured, since it may hide its growth', async () => {
    const { open, stored, measure, pauseFastest } = await growing()
    const [hidden, fast] = [await open(10), await open(10)]
    await measure()
    stored.set(hidden, new Error('directories are nested deeper than 100'))
    stored.set(fast, 20 * mebibyte)
    expect(await pauseFastest()).toBe(hidden)
    expect(await pauseFastest()).toBeUndefined()
  })

  it('pauses a site that could never be measured when no other grows', async () => {
    const { open, stored, measure, pauseFastest } = await growing()
    const [hidden, fast] = [await open(10), await open(10)]
    stored.set(hidden, new Error('directories are nested deeper than 100'))
    await measure()
    stored.set(fast, 20 * mebibyte)
    expect(await pauseFastest()).toBe(fast)
    expect(await pauseFastest()).toBe(hidden)
  })

  it.each(['was not open', 'could not be measured'])(
    'does not take the size of a site that %s before for its growth',
    async (reason) => {
      const { open, stored, measure, pauseFastest } = await growing()
      const fast = await open(10)
      const wasOpen = reason === 'was not open' ? undefined : await open(500)
      if (wasOpen !== undefined) stored.set(wasOpen, new Error('the disk is slow'))
      await measure()
      const large = wasOpen ?? (await open(500))
      stored.set(large, 500 * mebibyte)
      stored.set(fast, 20 * mebibyte)
      expect(await pauseFastest()).toBe(fast)
    },
  )

  it('only measures at first, and suspends a site although its engine does not stop it', async () => {
    const { open, stored, pauseFastest, get } = await growing({
      runtime: { remove: () => Promise.reject(new Error('the engine is away')) },
    })
    const fast = await open(10)
    expect(await pauseFastest()).toBeUndefined()
    stored.set(fast, 60 * mebibyte)
    expect(await pauseFastest()).toBe(fast)
    await get(fast, 'suspended')
  })
})
