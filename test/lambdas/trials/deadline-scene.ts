import { createRandomness } from '../../../adapters/randomness.ts'
import type { SiteEvent } from '../../../core/events/event.ts'
import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { CopySchedule } from '../../../core/plan/plan.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import type { ChangeContext, SiteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, ArchivedSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { archiveSite } from '../../../lambdas/endings/archive-site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { purgeSite } from '../../../lambdas/endings/purge-site.ts'
import { actOnDeadlines, type DeadlinePorts } from '../../../lambdas/trials/act-on-deadlines.ts'
import { nextWakeUp } from '../../../lambdas/trials/find-next-wake-up.ts'
import { createBrakeStore } from '../../../lambdas/trials/store.ts'
import { placed } from '../../adapters/dynamodb/made-changes.ts'
import { openStoreOn } from '../../adapters/dynamodb/test-store.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { quickClients } from '../../support/memory-table/quick-client.ts'
import { samplePolicies } from '../../support/sample-policy.ts'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

const archiveOf = (site: Site): Archive => ({
  id: 'arc_01jq3v5k8m0000000000000001',
  at: '2026-03-01T12:00:00.000Z',
  kind: 'reclaim',
  bytes: 1,
  files: 1,
  blueprint: site.blueprint,
})

/** What a workflow decides where the gate is open. */
const decide = (site: Site, context: ChangeContext): SiteChange | undefined => {
  if (!('operation' in site) || site.operation === undefined) return undefined
  if (site.status === 'active' && site.operation.kind === 'suspend') {
    return suspendSite(site, { because: 'trial-ended' }, context)
  }
  if (site.status === 'suspended' && site.operation.kind === 'archive') {
    return archiveSite({ ...site, operation: site.operation }, archiveOf(site), context)
  }
  if ((site.status === 'suspended' || site.status === 'archived') && site.operation.kind === 'purge') {
    return purgeSite({ ...site, operation: site.operation }, context)
  }
  return undefined
}

/** The real sweep on the store in memory; workflows end at once and well, and the test advances the clock. */
export const deadlineScene = async ({
  unpurged = 0,
  start = '2026-03-01T12:00:00.000Z',
  copies,
}: {
  readonly unpurged?: number
  readonly start?: Instant
  readonly copies?: CopySchedule
} = {}) => {
  const store = await openStoreOn(quickClients(), copies && { copies })
  const scene = { now: start, isTurned: false, unpurged, events: [] as SiteEvent[] }
  const log = recordingLog()
  const clocks = { domain: () => scene.now, wall: () => scene.now }
  const randomness = createRandomness()
  const commit: DeadlinePorts['sites']['commit'] = async (change) => {
    const result = await store.sites.commit(change)
    if (result.done) scene.events.push(change.event)
    return result
  }
  const sites = { ...store.sites, commit }
  const context: ChangeContext = { actor: system, causationId: 'tick', clocks, randomness }
  const place = async (site: Site | undefined, change: SiteChange | undefined): Promise<Site | undefined> => {
    if (change === undefined) return site
    if (!(await sites.commit(change)).done) throw new Error('a played workflow was too late')
    return change.after
  }
  const ports: DeadlinePorts = {
    sites,
    brakes: createBrakeStore({ client: store.document, tables: store.tables }),
    totals: { read: async () => [{ status: 'active', plan: 'trial', sites: scene.unpurged }] },
    policies: samplePolicies,
    workflows: {
      start: async (_machine, _name, input) => {
        const { siteId } = input as { siteId: SiteId }
        const begun = await store.sites.get(siteId)
        const decided = await place(begun, begun && decide(begun, context))
        if (
          decided?.status === 'active' ||
          decided?.status === 'suspended' ||
          decided?.status === 'archived' ||
          decided?.status === 'purged'
        ) {
          await place(decided, endOperation(decided, 'done', context))
        }
      },
      status: async () => 'unknown',
    },
    clocks,
    randomness,
    log,
    clockIsTurned: () => scene.isTurned,
  }
  const open = async (facts: Partial<ActiveSite> = {}): Promise<ActiveSite> => {
    const { after } = placed({ trialEndsAt: plusMilliseconds(scene.now, 14 * day), reminded: [], ...facts })
    await store.sites.commit({ ...placed({}), ...placed(after), after })
    return after
  }
  /** Sites as they are, without the way there. */
  const put = async <One extends SuspendedSite | ArchivedSite>(site: One): Promise<One> => {
    const change = placed({ id: site.id })
    await store.sites.commit({ ...change, after: { ...site, version: 1 } })
    return site
  }
  return {
    scene,
    ports,
    open,
    put,
    lines: log.lines,
    sweep: () => actOnDeadlines(ports, 'tick'),
    wakeUp: (acted = 0) => nextWakeUp(ports, scene.now, { acted }),
    pass: (milliseconds: number): void => {
      scene.now = plusMilliseconds(scene.now, milliseconds)
    },
    eventsOf: <Type extends SiteEvent['type']>(type: Type) =>
      scene.events.filter((event): event is Extract<SiteEvent, { type: Type }> => event.type === type),
    brake: async () => (await ports.brakes.read())?.tripped?.because,
  }
}

export type DeadlineScene = Awaited<ReturnType<typeof deadlineScene>>
