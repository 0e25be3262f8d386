import { describe, expect, it, vi } from 'vitest'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { ReadySite } from '../../core/site/site.ts'
import { sharePool } from '../../local/open-store.ts'

const at = '2026-01-31T09:30:00.000Z'
const pool = { cell: 'local', blueprint: 'welcome' }

const ready = (number: number, version = 1): ReadySite => ({
  schemaVersion: 1,
  id: `site_01jq3v5k8m00000000000000${String(number).padStart(2, '0')}`,
  version: 4,
  status: 'ready',
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version },
  policyVersion: 1,
  createdAt: at,
  completedSteps: [],
  generation: 1,
  endpoint: { host: '127.0.0.1', port: 20_000 + number },
  readyAt: at,
})

/** A pool that can be changed, with a clock that can be turned. */
const share = (...sites: readonly ReadySite[]) => {
  const state = { sites, now: 0 }
  const find = vi.fn<SiteStore['findReady']>(async () => state.sites)
  return { state, find, findReady: sharePool(find, () => state.now) }
}

describe('a shared pool', () => {
  it('is read once for all callers at the same moment, and gives each of them another site', async () => {
    const { find, findReady } = share(ready(1), ready(2), ready(3))
    const given = await Promise.all([1, 2, 3].map(() => findReady(pool, 25)))
    expect(given.flat().map(({ id }) => id)).toEqual([ready(1).id, ready(2).id, ready(3).id])
    expect(find).toHaveBeenCalledTimes(1)
  })

  it('shows all it has to everybody when each site was given to somebody', async () => {
    const { findReady } = share(ready(1), ready(2))
    await findReady(pool, 25)
    await findReady(pool, 25)
    expect(await findReady(pool, 25)).toEqual([ready(1), ready(2)])
  })

  it('gives a site again once its receiver has had ten seconds for it', async () => {
    const { state, findReady } = share(ready(1), ready(2))
    await findReady(pool, 25)
    state.now = 9999
    expect(await findReady(pool, 25)).toEqual([ready(2)])
    state.now = 10_000
    expect(await findReady(pool, 25)).toEqual([ready(1)])
  })

  it('gives no site of an older blueprint version while there is a newer one', async () => {
    const { findReady } = share(ready(1, 2), ready(2, 1))
    expect(await findReady(pool, 25)).toEqual([ready(1, 2)])
    expect(await findReady(pool, 25)).toEqual([ready(1, 2), ready(2, 1)])
  })

  it('is read again for a caller that asked while an earlier check found nothing', async () => {
    const { state, find, findReady } = share()
    const first = findReady(pool, 25)
    const second = findReady(pool, 25)
    state.sites = [ready(1)]
    expect(await first).toEqual([])
    expect(await second).toEqual([ready(1)])
    expect(find).toHaveBeenCalledTimes(2)
  })

  it('shows all outdated sites to every caller', async () => {
    const { findReady } = share(ready(1), ready(2))
    expect(await findReady({ ...pool, below: 2 }, 25)).toEqual([ready(1), ready(2)])
  })

  it('fails for all who wait where the search fails, and not for the next', async () => {
    const { find, findReady } = share(ready(1))
    find.mockRejectedValueOnce(new Error('the engine is away'))
    const waiting = await Promise.allSettled([findReady(pool, 25), findReady(pool, 25)])
    expect(waiting.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await findReady(pool, 25)).toEqual([ready(1)])
  })
})
