import type { Archive } from '../../../core/site/archive.ts'
import type { OperationKind, OperationOf, ReclaimOperation } from '../../../core/site/operation.ts'
import type { ActiveSite, ArchivedSite, AsleepSite, Site, SuspendedSite } from '../../../core/site/site.ts'
import { wallNow } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'

export const archiveNumbered = (number: number, facts: Partial<Archive> = {}): Archive => ({
  id: `arc_01jq3v5k8m${String(number).padStart(16, '0')}`,
  at: '2026-04-05T12:00:00.000Z',
  kind: 'reclaim',
  bytes: 48_213,
  files: 12,
  blueprint: { name: 'welcome', version: 1 },
  ...facts,
})

/** Its trial ended long before the domain clock's now, as those of the other two. */
export const active = (facts: Partial<ActiveSite> = {}): ActiveSite => ({ ...siteSamples.active, ...facts })
export const asleep = (facts: Partial<AsleepSite> = {}): AsleepSite => ({ ...siteSamples.asleep, ...facts })
export const suspended = (facts: Partial<SuspendedSite> = {}): SuspendedSite => ({ ...siteSamples.suspended, ...facts })
export const archived = (facts: Partial<ArchivedSite> = {}): ArchivedSite => ({
  ...siteSamples.archived,
  archives: [archiveNumbered(1)],
  ...facts,
})

const begun = { id: 'an-operation', fence: 1, startedAt: wallNow }

/** An operation of each kind. */
export const operations: { readonly [Kind in OperationKind]: OperationOf<Kind> } = {
  suspend: { ...begun, kind: 'suspend' },
  archive: { ...begun, kind: 'archive', archiveId: archiveNumbered(7).id, generation: 1 },
  restore: { ...begun, kind: 'restore', archiveId: archiveNumbered(1).id, generation: 2 },
  purge: { ...begun, kind: 'purge' },
  copy: { ...begun, kind: 'copy', archiveId: archiveNumbered(7).id, generation: 1 },
  upgrade: {
    ...begun,
    kind: 'upgrade',
    target: { blueprint: { name: 'welcome', version: 2 } },
    copy: { archiveId: archiveNumbered(7).id, generation: 2 },
  },
  sleep: { ...begun, kind: 'sleep', requestedAt: wallNow },
  wake: { ...begun, kind: 'wake', requestedAt: wallNow },
  dormancy: { ...begun, kind: 'dormancy' },
  handover: { ...begun, kind: 'handover', requestedAt: wallNow },
}

/** The same site with an operation of this kind. */
export const under = <Before extends Site, Kind extends OperationKind>(
  site: Before,
  kind: Kind,
): Before & { readonly operation: OperationOf<Kind> } => ({ ...site, operation: operations[kind] })

export const operationOf = (site: Site): ReclaimOperation | undefined =>
  'operation' in site && site.operation?.kind !== 'provision' ? site.operation : undefined
