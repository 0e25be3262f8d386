import { createCellCounts } from '../../adapters/dynamodb/cell-counts.ts'
import { createRandomness } from '../../adapters/randomness.ts'
import type { SiteId } from '../../core/ids.ts'
import { plusDays, plusMilliseconds, toInstant } from '../../core/instant.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { SitePlace } from '../../core/site/location.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import type { ActiveSite, Site, SiteIn, SiteStatus } from '../../core/site/site.ts'
import type { PaidAnswer } from '../../lambdas/billing/ask-billing.ts'
import { createConfigurationStore } from '../../lambdas/configuration/store.ts'
import { createDeploymentStore } from '../../lambdas/deployments/store.ts'
import type { CellCapacity } from '../../lambdas/sites/cells/place-sites.ts'
import config from '../../sitewright.config.ts'
import { commit, placed } from '../adapters/dynamodb/made-changes.ts'
import { openStoreOn, type TestStore } from '../adapters/dynamodb/test-store.ts'
import { recordingLog } from './fixed-ports.ts'
import { quickClients } from './memory-table/quick-client.ts'
import { noSoftware } from './no-software.ts'
import { plainSecrets } from './plain-secrets.ts'
import { welcome } from './provisioning.ts'
import { samplePolicies } from './sample-policy.ts'
import { createOutsideWorld } from './simulation/outside-world.ts'

/** A store in memory with everything that reclaiming needs around it, and one site that runs and holds what visitors wrote. */
export const reclaimScene = async () => {
  const store: TestStore = await openStoreOn(quickClients())
  let now = toInstant(new Date(Date.UTC(2026, 2, 1, 12)))
  const records = new Map<SiteId, Site>()
  const outside = createOutsideWorld({ recordOf: (id) => records.get(id), integer: () => 0 })
  const money = { answer: 'unpaid' as PaidAnswer }
  const brake = { on: false }
  /** Runs just before the next commit: a change at the moment between a read and a write. */
  let meanwhile: (() => Promise<unknown>) | undefined
  const log = recordingLog()
  const sites: TestStore['sites'] = {
    ...store.sites,
    commit: async (change) => {
      const landing = meanwhile
      meanwhile = undefined
      await landing?.()
      const result = await store.sites.commit(change)
      if (result.done) {
        records.set(change.after.id, change.after)
        outside.followRestore(change)
      }
      return result
    },
  }
  const plans = planCatalogue(config.plans)
  await store.blueprints.publish(welcome(1))
  const ports = {
    sites,
    log,
    plans,
    randomness: createRandomness(),
    clocks: { domain: () => now, wall: () => now },
    policies: samplePolicies,
    billing: { isPaidFor: async () => money.answer },
    brake: { isOn: async () => brake.on },
    blueprints: store.blueprints,
    ...plainSecrets(),
    ownSoftware: noSoftware,
    deployments: createDeploymentStore({ client: store.document, tables: store.tables }),
    configurations: createConfigurationStore({ client: store.document, tables: store.tables }),
    rootPublicKey: 'a-root-key',
    siteUrl: (hostname: string) => `https://${hostname}`,
    runtime: outside.runtime,
    storage: outside.storage,
    probe: outside.probe,
    archives: outside.archives,
    evidence: { erase: async () => undefined, keep: async () => undefined },
    archiver: outside.archiver,
    siteCheck: { isRunning: async (place: SitePlace) => (await outside.runtime.locate(place)) !== undefined },
    cells: ['local'],
    capacities: [{ name: 'local', sites: 100 }] as CellCapacity[],
    cellCounts: createCellCounts({ client: store.document, tables: store.tables }),
    pause: async () => undefined,
    routerMemoryMilliseconds: 50,
    monotonic: () => 0,
    openRequests: { at: async (): Promise<number | undefined> => 0 },
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
  }
  const context = () => ({ actor: { kind: 'system' as const }, causationId: 'req_test', ...ports })

  const get = async <Status extends SiteStatus>(id: SiteId, status: Status): Promise<SiteIn<Status>> => {
    const site = await sites.get(id)
    if (site?.status !== status) throw new Error(`${id} is ${site?.status} and not ${status}`)
    return site as SiteIn<Status>
  }

  const open = async (facts: Partial<ActiveSite> = {}): Promise<ActiveSite> => {
    const made = placed({ trialEndsAt: plusDays(now, 14), reminded: [7, 3, 1], ...facts })
    const home = { siteId: made.after.id, cell: made.after.cell, generation: made.after.generation }
    await outside.storage.prepare(home)
    await outside.runtime.start({
      ...home,
      blueprint: welcome(1),
      size: plans.trial.size,
      plan: 'trial',
      interruptible: true,
      environment: {},
      secrets: {},
    })
    const endpoint = await outside.runtime.locate(home)
    const after: ActiveSite = { ...made.after, ...(endpoint && { endpoint }) }
    await commit({ ...store, sites }, { ...made, after })
    if (!outside.write(after)) throw new Error('nothing can be written to a site that was just opened')
    return after
  }

  return {
    store,
    ports,
    outside,
    money,
    brake,
    log,
    context,
    open,
    get,
    commit: (change: Parameters<typeof sites.commit>[0]) => commit({ ...store, sites }, change),
    pass: (days: number) => {
      now = plusMilliseconds(now, days * 86_400_000)
    },
    now: () => now,
    meanwhile: (landing: () => Promise<unknown>) => {
      meanwhile = landing
    },
  }
}

/** The attempt at the running operation of a site. */
export const attemptAt = (site: Site): OperationAttempt => {
  if (!('operation' in site) || site.operation === undefined) throw new Error(`${site.id} has no operation`)
  return { siteId: site.id, operationId: site.operation.id, fence: site.operation.fence }
}
