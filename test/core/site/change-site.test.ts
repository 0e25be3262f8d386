import { describe, expect, it } from 'vitest'
import type { CommitResult } from '../../../core/ports/stores.ts'
import type { SiteChange } from '../../../core/site/change.ts'
import { changeSite } from '../../../core/site/change-site.ts'
import { holdSite } from '../../../core/site/run/run-changes.ts'
import type { Site } from '../../../core/site/site.ts'
import { isKept } from '../../../core/site/site.ts'
import { domainNow, fixedContext } from '../../support/fixed-ports.ts'
import { active } from './kept-sites.ts'

/** A store of one site, which somebody else changes right before each of the first so many commits. */
const storeOf = (first: Site | undefined, disturbances = 0) => {
  const store = {
    site: first,
    disturbances,
    reads: 0,
    get: async (): Promise<Site | undefined> => {
      store.reads += 1
      return store.site
    },
    commit: async ({ before, after }: SiteChange): Promise<CommitResult> => {
      if (store.disturbances > 0 && store.site !== undefined) {
        store.disturbances -= 1
        store.site = { ...store.site, version: store.site.version + 1 }
      }
      if (store.site?.version !== before?.version) return { done: false, obstacle: 'version' }
      store.site = after
      return { done: true }
    },
  }
  return store
}

const hold = (site: Site | undefined): SiteChange | undefined =>
  isKept(site) && site.heldSince === undefined ? holdSite(site, 'A lawyer asked.', fixedContext()) : undefined

describe('changing a site', () => {
  it('commits what was decided, and returns the site as it is then', async () => {
    const store = storeOf(active())
    const after = await changeSite(store, active().id, hold)
    expect(after).toMatchObject({ heldSince: domainNow, version: active().version + 1 })
    expect(store.site).toEqual(after)
  })

  it('reads and decides again after a conflict', async () => {
    const store = storeOf(active(), 3)
    expect(await changeSite(store, active().id, hold)).toMatchObject({ version: active().version + 4 })
    expect(store.reads).toBe(4)
  })

  it('throws after six conflicts', async () => {
    const store = storeOf(active(), 100)
    await expect(changeSite(store, active().id, hold)).rejects.toMatchObject({ kind: 'VersionConflict' })
    expect(store.site).not.toHaveProperty('heldSince')
    expect(store.reads).toBe(6)
  })

  it('writes nothing where there is nothing to change', async () => {
    const held = active({ heldSince: domainNow })
    const store = storeOf(held)
    expect(await changeSite(store, held.id, hold)).toBe(held)
    expect(store.site).toBe(held)
    expect(await changeSite(storeOf(undefined), held.id, hold)).toBeUndefined()
  })

  it('throws whatever the decision throws, without a second look', async () => {
    const store = storeOf(active())
    const refuse = () => {
      throw new Error('no')
    }
    await expect(changeSite(store, active().id, refuse)).rejects.toThrow('no')
    expect(store.reads).toBe(1)
  })
})
