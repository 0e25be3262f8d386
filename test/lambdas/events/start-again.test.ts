import { expect, it } from 'vitest'
import { type SiteEvent, siteEventSchema } from '../../../core/events/event.ts'
import { eventSource } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { onSite } from '../../../lambdas/_runtime/patterns.ts'
import { eventsOf } from '../../../lambdas/manifest.ts'
import { bringUpSite } from '../../../lambdas/sites/run/bring-up.ts'
import { runSite } from '../../../lambdas/sites/run/functions.ts'
import { requiredData } from '../../support/event-data.ts'
import { fixedContext, recordingLog } from '../../support/fixed-ports.ts'
import { plainSecrets } from '../../support/plain-secrets.ts'
import { welcome } from '../../support/provisioning.ts'
import { siteSamples } from '../../support/site-samples.ts'

const endpoint = { host: '127.0.0.1', port: 8080 }
const { endpoint: _, ...answersNowhere } = siteSamples.active
const resumed: ActiveSite = { ...answersNowhere, plan: 'trial', blueprint: { name: 'welcome', version: 1 } }

const eventOf = (type: SiteEvent['type'], site: Site): SiteEvent =>
  siteEventSchema.parse({
    schemaVersion: 1,
    id: 'evt_01jq3v5k8m0000000000000000',
    type,
    aggregate: { type: 'site', id: site.id },
    version: site.version,
    at: '2026-05-01T12:00:00.000Z',
    actor: { kind: 'system' },
    causationId: 'req_1',
    data: { status: site.status, plan: site.plan, cell: site.cell, blueprint: site.blueprint, ...requiredData(type) },
  })

/** The started work, and the notes on the site, when the event arrives. */
const hear = async (site: Site, event = eventOf('SiteResumed', site)) => {
  const { clocks, randomness } = fixedContext()
  const started: Launch[] = []
  const changes: SiteChange[] = []
  const ports = {
    sites: {
      get: async () => changes.at(-1)?.after ?? site,
      commit: async (change: SiteChange) => {
        changes.push(change)
        return { done: true }
      },
    },
    runtime: {
      start: async (launch: Launch) => {
        started.push(launch)
      },
      locate: async () => endpoint,
      remove: async () => undefined,
      list: async () => [],
    },
    probe: { isHealthy: async () => true },
    blueprints: { get: async () => welcome(1) },
    plans: { find: () => ({ kind: 'trial', size: { cpu: 0.5, memoryMiB: 256, processes: 128 } }) },
    ...plainSecrets(async () => 'a-secret'),
    rootPublicKey: 'a-root-key',
    siteUrl: (hostname: string) => `https://${hostname}`,
    clocks,
    randomness,
    log: recordingLog(),
    pause: async () => undefined,
    pollMilliseconds: 1,
    monotonic: () => performance.now(),
    isStopping: () => false,
    cells: [resumed.cell],
    rollouts: { readOfCell: async () => undefined },
  } as unknown as Parameters<typeof bringUpSite>[0]
  await onSite(bringUpSite)(ports, event)
  return { started, changes }
}

it('starts a resumed site and records its address', async () => {
  const { started, changes } = await hear(resumed)
  expect(started.map(({ siteId, generation }) => [siteId, generation])).toEqual([[resumed.id, resumed.generation]])
  expect(changes.map(({ event, after }) => [event.type, after])).toEqual([
    ['SiteMoved', expect.objectContaining({ status: 'active', endpoint })],
  ])
})

it('leaves a running site alone on a repeated event', async () => {
  expect(await hear({ ...resumed, endpoint })).toEqual({ started: [], changes: [] })
})

it('leaves a suspended or paused site alone', async () => {
  expect(await hear(siteSamples.suspended, eventOf('SiteResumed', resumed))).toEqual({ started: [], changes: [] })
  const paused: Site = {
    ...resumed,
    operation: {
      kind: 'copy',
      id: `copy-site-${resumed.id}-4`,
      fence: 1,
      startedAt: '2026-03-01T12:00:00.000Z',
      archiveId: `arc_${'a'.repeat(26)}`,
      generation: 1,
      pausedAt: '2026-03-01T12:00:00.000Z',
    },
  }
  expect(await hear(paused)).toEqual({ started: [], changes: [] })
})

it.each([
  ['SiteResumed', 'active', true],
  ['SiteOperationEnded', 'active', true],
  ['SiteOperationEnded', 'suspended', false],
  ['SiteOperationEnded', 'purged', false],
  ['SiteMoved', 'active', false],
] as const)('handles %s of a site that is %s: %s', (type, status, isHeard) => {
  const delivery = { source: eventSource, 'detail-type': type, detail: { data: { status } } }
  expect(eventsOf(runSite).some(({ events }) => matchesPattern(delivery, events))).toBe(isHeard)
})
