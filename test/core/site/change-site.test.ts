import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CommitResult } from '../../../core/ports/stores.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { changeSite, startOperation, startOperationSoon } from '../../../core/site/change-site.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import type { OperationKind } from '../../../core/site/operation.ts'
import { isKept, type Site } from '../../../core/site/site.ts'
import { holdSite } from '../../../lambdas/endings/act-on-site.ts'
import { retryOperation } from '../../../lambdas/sites/heal-work.ts'
import { domainNow, fixedContext, recordingLog } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { active, archived, asleep, operations, suspended, under } from './kept-sites.ts'

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

  it('throws whatever the decision throws, without a second check', async () => {
    const store = storeOf(active())
    const refuse = () => {
      throw new Error('no')
    }
    await expect(changeSite(store, active().id, refuse)).rejects.toThrow('no')
    expect(store.reads).toBe(1)
  })
})

const recording = (outage?: Error) => {
  const started: unknown[][] = []
  const workflows: Workflows = {
    start: async (...call) => {
      if (outage !== undefined) throw outage
      started.push(call)
    },
    status: async () => 'unknown',
  }
  return { started, workflows }
}

const sites = {
  suspend: under(active(), 'suspend'),
  archive: under(suspended(), 'archive'),
  restore: under(archived(), 'restore'),
  purge: under(archived(), 'purge'),
  copy: under(active(), 'copy'),
  upgrade: under(active(), 'upgrade'),
  sleep: under(active(), 'sleep'),
  wake: under(asleep(), 'wake'),
  dormancy: under(asleep(), 'dormancy'),
  handover: under(active(), 'handover'),
} satisfies { [Kind in OperationKind]: object }
const kinds = Object.keys(operations) as OperationKind[]

describe('starting an operation', () => {
  it.each(kinds)('%s: starts the state machine of that name, which has its file', async (kind) => {
    const { started, workflows } = recording()
    const { id } = sites[kind]
    await startOperation(workflows, sites[kind])
    expect(started).toEqual([
      [
        `${kind}-site`,
        'an-operation-1',
        { siteId: id, operationId: 'an-operation', fence: 1 },
        { isAwaited: ['restore', 'copy', 'wake', 'handover'].includes(kind) },
      ],
    ])
    expect(readdirSync(new URL('../../../statemachines/', import.meta.url))).toContain(`${kind}-site.asl.json`)
  })

  it('starts each attempt under a name of its own', async () => {
    const { started, workflows } = recording()
    await startOperation(workflows, retryOperation(sites.purge, fixedContext()).after)
    expect(started).toMatchObject([['purge-site', 'an-operation-2', { fence: 2 }, {}]])
  })

  it('starts nothing where nothing is, or a build, which has its own way', async () => {
    const { started, workflows } = recording()
    for (const site of [active(), siteSamples.building, siteSamples.ready, siteSamples.purged]) {
      await startOperation(workflows, site)
    }
    expect(started).toEqual([])
  })

  it('is left to a sweep where it cannot be started now', async () => {
    const log = recordingLog()
    const { workflows } = recording(new Error('away'))
    await startOperationSoon({ workflows, log }, sites.restore)
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { siteId: sites.restore.id } }])
    await expect(startOperation(workflows, sites.restore)).rejects.toThrow('away')
  })
})
