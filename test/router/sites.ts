import type { SiteId } from '../../core/ids.ts'
import type { Limits } from '../../core/plan/plan.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { Ownership } from '../../core/site/ownership.ts'
import type { ActiveSite, Endpoint, Site } from '../../core/site/site.ts'

const instant = '2026-03-01T12:00:00.000Z'
const limits: Limits = {
  requestsPerMinute: 1200,
  bandwidthMiBPerMinute: 120,
  connections: 50,
  uploadMiB: 64,
  storageMiB: 256,
}
const size = { cpu: 0.25, memoryMiB: 256, processes: 64 }

export const plansWith = (change: Partial<Limits> = {}) =>
  planCatalogue([
    {
      id: 'trial',
      name: 'Trial',
      kind: 'trial',
      prices: [],
      size,
      limits: { ...limits, ...change },
      features: ['entries'],
    },
    { id: 'team', name: 'Team', kind: 'paid', prices: [], size, limits, features: ['entries', 'export'] },
  ])

export const plans = plansWith()

export const siteId = (number: number): SiteId => `site_01jq3v5k8m${String(number).padStart(16, '0')}`

const ownership = (hostname: string, name = 'Acme'): Ownership => ({
  accountId: 'acct_01jq3v5k8m0000000000000000',
  slug: hostname.split('.')[0] ?? '',
  hostname,
  name,
  since: instant,
})

const everySite = (number: number) =>
  ({
    schemaVersion: 1,
    id: siteId(number),
    version: 3,
    cell: 'local',
    plan: 'trial',
    blueprint: { name: 'welcome', version: 1 },
    policyVersion: 1,
    createdAt: instant,
    completedSteps: [],
    generation: 1,
  }) satisfies Partial<Site>

export const activeSite = (
  endpoint: Endpoint,
  { number = 1, hostname = 'acme.localhost', plan = 'trial' } = {},
): ActiveSite => ({
  ...everySite(number),
  plan,
  status: 'active',
  ownership: ownership(hostname),
  trialEndsAt: '2026-03-15T12:00:00.000Z',
  reminded: [],
  extensionsUsed: 0,
  archives: [],
  endpoint,
})

export const copying = {
  id: 'copy-site-1',
  kind: 'copy',
  fence: 1,
  startedAt: instant,
  archiveId: 'arc_01jq3v5k8m0000000000000000',
  generation: 1,
} as const

export const pausedSite = ({ endpoint: _, ...site }: ActiveSite): ActiveSite => ({
  ...site,
  operation: { ...copying, pausedAt: instant },
})

const owned = {
  ownership: ownership('acme.localhost'),
  trialEndsAt: instant,
  reminded: [],
  extensionsUsed: 0,
  archives: [],
}

/** A site in each status that does not answer by itself. */
export const silentSites = {
  building: {
    ...everySite(1),
    status: 'building',
    ownership: ownership('acme.localhost', '<b>Acme & "Söhne"</b>'),
    completedSteps: [{ name: 'storage', at: instant }],
    operation: { id: 'op', kind: 'provision', fence: 1, startedAt: instant },
  },
  ready: { ...everySite(1), status: 'ready', endpoint: { host: '127.0.0.1', port: 9 }, readyAt: instant },
  failed: { ...everySite(1), status: 'failed', failure: { step: 'start', reason: 'secret-insides', at: instant } },
  asleep: { ...everySite(1), ...owned, status: 'asleep', asleepSince: instant },
  suspended: { ...everySite(1), ...owned, status: 'suspended', suspendedAt: instant, suspendedBecause: 'trial-ended' },
  archived: { ...everySite(1), ...owned, status: 'archived', archivedAt: instant, warned: [] },
  purged: { ...everySite(1), status: 'purged', purgedAt: instant },
} satisfies { [Status in Exclude<Site['status'], 'active'>]: Extract<Site, { status: Status }> }
