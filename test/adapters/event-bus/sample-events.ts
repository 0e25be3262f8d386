import type { SiteEvent } from '../../../core/events/event.ts'

export const claimed: SiteEvent = {
  schemaVersion: 1,
  id: 'evt_01jq3v5k8m0000000000000000',
  type: 'SiteClaimed',
  aggregate: { type: 'site', id: 'site_01jq3v5k8m0000000000000000' },
  version: 7,
  at: '2026-01-31T09:30:00.000Z',
  actor: { kind: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000' },
  causationId: 'req_01jq3v5k8m0000000000000000',
  data: {
    status: 'active',
    previousStatus: 'ready',
    plan: 'trial',
    cell: 'local',
    blueprint: { name: 'welcome', version: 1 },
    accountId: 'acct_01jq3v5k8m0000000000000000',
  },
}

export const stocked: SiteEvent = {
  ...claimed,
  id: 'evt_01jq3v5k8m0000000000000001',
  type: 'SiteStocked',
  actor: { kind: 'system' },
  data: { status: 'ready', plan: 'trial', cell: 'local', blueprint: { name: 'welcome', version: 1 }, step: 'open' },
}

/** Events that differ by id and version alone. */
export const manyEvents = (count: number): readonly SiteEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    ...stocked,
    id: `evt_01jq3v5k8m00000000000001${String(index).padStart(2, '0')}`,
    version: index + 1,
  }))
