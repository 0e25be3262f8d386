import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { ownershipOf, type Site } from '../../core/site/site.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { socketName } from '../../local/engine/engine-place.ts'
import { openStore } from '../../local/open-store.ts'
import config from '../../sitewright.config.ts'
import type { WhatRuns } from '../support/temporary-home/what-runs.ts'
import type { Owner } from './owner.ts'

const engineRecordSchema = z.looseObject({ commandLine: z.string() })

/** Where the database of a running home answers. */
export const engineAddress = async (home: string): Promise<EngineAddress> => {
  const run = join(home, 'run')
  const { commandLine } = engineRecordSchema.parse(JSON.parse(await readFile(join(run, 'engine.json'), 'utf8')))
  const port = /-port (\d+)/.exec(commandLine)?.[1]
  if (port === undefined) throw new Error('the engine of this home does not say its port')
  return {
    endpoint: `http://127.0.0.1:${port}`,
    ...(commandLine.startsWith('unshare ') ? { socketPath: join(run, socketName) } : {}),
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
}

const readStore = async (home: string) => {
  const store = await openStore(await engineAddress(home), {
    policies: trialPolicies(config.trialPolicies),
    onCommit: () => undefined,
  })
  try {
    const sites: Site[] = []
    for (const status of [
      'building',
      'ready',
      'active',
      'asleep',
      'failed',
      'suspended',
      'archived',
      'purged',
    ] as const) {
      for await (const site of store.sites.listByStatus(status)) sites.push(site)
    }
    return { sites, unpublished: await store.outbox.pending() }
  } finally {
    store.close()
  }
}

const countBySite = (sites: WhatRuns['sites']): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(sites, ({ siteId }) => siteId)].map(([siteId, parts]) => [siteId, parts.length]))

/** Returns every inconsistency inside a host at rest; empty if there is none. */
export const inspectSites = async (
  home: string,
  { owners, pool, whatRuns }: { owners: readonly Owner[]; pool: number; whatRuns: () => Promise<WhatRuns> },
): Promise<readonly string[]> => {
  const { sites, unpublished } = await readStore(home)
  const { sites: running, engines } = await whatRuns()
  const parts = countBySite(running)
  const ids = new Set<string>(sites.map(({ id }) => id))
  const shouldRun = (site: Site): boolean => site.status === 'active' || site.status === 'ready'
  const toRun = new Set<string>(sites.filter(shouldRun).map(({ id }) => id))
  const owned = sites.filter((site) => site.status === 'active')
  const ready = sites.filter((site) => site.status === 'ready')
  const hostnames = owned.map((site) => ownershipOf(site)?.hostname)
  const neverOpen = new Set<string>(
    sites
      .filter((site) => site.status === 'failed' || (site.status === 'purged' && ownershipOf(site) === undefined))
      .map(({ id }) => id),
  )
  const directories = await readdir(join(home, 'data'))
  const open = owners.filter(({ state }) => state === 'open')
  const byId = new Map<string, Site>(sites.map((site) => [site.id, site]))
  return [
    ...sites.flatMap(({ id, status }) => (status === 'building' ? [`${id} is still being built`] : [])),
    ...(unpublished.length === 0 ? [] : [`${unpublished.length} events are not published`]),
    ...(ready.length === pool ? [] : [`the pool has ${ready.length} sites, and not ${pool}`]),
    ...(new Set(hostnames).size === hostnames.length ? [] : ['two sites have one hostname']),
    ...(owned.length === open.length ? [] : [`${owned.length} sites are owned, by ${open.length} owners`]),
    ...open.flatMap(({ site }) => (byId.get(site.id)?.status === 'active' ? [] : [`${site.slug} is not active`])),
    ...[...toRun].flatMap((id) => (parts.get(id) === 1 ? [] : [`${id} runs ${parts.get(id) ?? 0} times`])),
    ...running.flatMap(({ siteId, kind }) => (toRun.has(siteId) ? [] : [`a ${kind} of ${siteId} is left`])),
    ...running.flatMap(({ siteId, kind, isRunning }) => (isRunning ? [] : [`a ${kind} of ${siteId} does not run`])),
    ...(engines.length === 1 ? [] : [`${engines.length} database engines run`]),
    ...directories.flatMap((name) => {
      if (!ids.has(name)) return [`the directory ${name} belongs to no site`]
      return neverOpen.has(name) ? [`the directory of ${name} is left, which was never open`] : []
    }),
    ...[...toRun].flatMap((id) => (directories.includes(id) ? [] : [`${id} has no data directory`])),
  ]
}
