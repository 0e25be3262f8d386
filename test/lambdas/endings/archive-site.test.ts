import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownerArchivesKept } from '../../../core/site/archive.ts'
import { siteSchema } from '../../../core/site/site.ts'
import { archiveOf, archiveSite } from '../../../lambdas/endings/archive-site.ts'
import { copyJob } from '../../../lambdas/endings/copy/run-archive-job.ts'
import { endPause, pauseForCopy, recordCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { restoreSite } from '../../../lambdas/endings/restore-site.ts'
import { active, archived, archiveNumbered, operations, suspended, under } from '../../core/site/kept-sites.ts'
import { domainNow, fixedContext, wallNow } from '../../support/fixed-ports.ts'

const endpoint = { host: '127.0.0.1', port: 42_000 }
const copying = under(active(), 'copy')

describe('archiving', () => {
  const site = under(suspended({ generation: 3, suspendedBecause: 'operator', reprievedUntil: wallNow }), 'archive')
  const archive = archiveNumbered(7)
  const { after, event } = archiveSite(site, archive, fixedContext())

  it('makes the verified copy the site’s data, while the disk is still to be released', () => {
    expect(after).toMatchObject({ status: 'archived', archivedAt: domainNow, warned: [], archives: [archive] })
    expect(after).toMatchObject({ generation: 3, operation: site.operation })
    expect(event).toMatchObject({ type: 'SiteArchived', data: { previousStatus: 'suspended', archiveId: archive.id } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('forgets since when it was suspended, and not why', () => {
    for (const gone of ['suspendedAt', 'reprievedUntil']) expect(after).not.toHaveProperty(gone)
    expect(after.suspendedBecause).toBe('operator')
  })
})

describe('restoring', () => {
  const site = {
    ...under(
      archived({ generation: 2, heldSince: wallNow, extensionsUsed: 1, suspendedBecause: 'trial-ended' }),
      'restore',
    ),
    warned: [14],
    reprievedUntil: wallNow,
  }
  const { after, event } = restoreSite(site, endpoint, [7], fixedContext())

  it('makes the site what it was, on the fresh data directory', () => {
    expect(after).toMatchObject({ status: 'active', generation: 2, endpoint, reminded: [7], extensionsUsed: 1 })
    expect(after).toMatchObject({ heldSince: wallNow, archives: site.archives })
    expect(event).toMatchObject({ type: 'SiteRestored', data: { archiveId: site.operation.archiveId } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('leaves nothing of the time in the archive', () => {
    const gone = ['archivedAt', 'warned', 'operation', 'deletion', 'purgeRequest', 'reprievedUntil', 'suspendedBecause']
    for (const name of gone) expect(after).not.toHaveProperty(name)
  })
})

describe('the archives that a site has', () => {
  const kinds = fc.array(fc.constantFrom('owner' as const, 'reclaim' as const), { maxLength: 30 })
  const instants = fc.constantFrom('2026-04-05T12:00:00.000Z', '2026-04-01T12:00:00.000Z', '2026-04-09T12:00:00.000Z')
  const histories = fc
    .array(fc.tuple(fc.constantFrom('owner' as const, 'reclaim' as const), instants), { minLength: 1, maxLength: 30 })
    .map((made) => made.map(([kind, at], index) => archiveNumbered(index + 1, { kind, at })))

  /** Those that are kept after each of them was made. */
  const keptOf = (made: readonly ReturnType<typeof archiveNumbered>[]) =>
    made.reduce(
      (archives, archive) => recordCopy({ ...copying, archives }, archive, fixedContext()).after.archives,
      active().archives,
    )

  it('begin with the one that was made last, whatever the clock said then', () => {
    fc.assert(
      fc.property(histories, (made) => {
        const kept = keptOf(made)
        const order = kept.map(({ id }) => made.findIndex((archive) => archive.id === id))
        expect(order).toEqual(order.toSorted((a, b) => b - a))
        expect(kept[0]).toEqual(made.at(-1))
      }),
    )
  })

  it('are the last few of an owner’s and the last of ours, and no others', () => {
    fc.assert(
      fc.property(kinds, (made) => {
        const kept = keptOf(made.map((kind, index) => archiveNumbered(index + 1, { kind })))
        const count = (kind: string) => made.filter((one) => one === kind).length
        expect(kept.filter(({ kind }) => kind === 'owner')).toHaveLength(Math.min(ownerArchivesKept, count('owner')))
        expect(kept.filter(({ kind }) => kind === 'reclaim')).toHaveLength(Math.min(1, count('reclaim')))
      }),
    )
  })

  it('have one only once, though it is noted twice', () => {
    const archive = archiveNumbered(2, { kind: 'owner' })
    expect(keptOf([archiveNumbered(1), archive, archive])).toEqual([archive, archiveNumbered(1)])
  })
})

describe('the copy that an upgrade takes', () => {
  const { blueprint } = active()
  const next = { ...blueprint, version: blueprint.version + 1 }
  const restores = archiveNumbered(3).id

  it.each([
    ['before another version', { target: { blueprint: next } }, 'release'],
    ['before an operator’s restore', { target: { blueprint: next }, restores, askedBy: 'operator' }, 'release'],
    ['before an owner’s restore', { target: { blueprint }, restores, askedBy: 'owner' }, 'restore'],
    ['before a move to another cell', { target: { cell: 'fast' } }, 'reclaim'],
    ['before a relocation that keeps the version', { target: { plan: 'team', blueprint }, relocates: true }, 'reclaim'],
    ['before a relocation to another version', { target: { blueprint: next }, relocates: true }, 'release'],
    ['before a way back that keeps the version', { target: { cell: 'local' }, relocates: true, restores }, 'restore'],
  ] as const)('%s is of its kind', (_, given, kind) => {
    const { target, relocates, ...copied } = { relocates: undefined, ...given }
    const begun = { id: 'upgrade-site-x-4', fence: 1, startedAt: wallNow, kind: 'upgrade', target } as const
    const copy = { archiveId: archiveNumbered(7).id, generation: 2, ...copied }
    const site = { ...active(), operation: { ...begun, copy, ...(relocates && { relocates }) } }
    expect(archiveOf(site, { bytes: 1, files: 1 }, wallNow)).toMatchObject({ kind, blueprint })
  })
})

describe('a copy of a site that runs', () => {
  const paused = pauseForCopy(copying, fixedContext())

  it('is awaited while the site stands still, and not by one that sleeps', () => {
    const attempt = { siteId: copying.id, operationId: operations.copy.id, fence: operations.copy.fence }
    const jobOf = (site: typeof copying) => copyJob(site, attempt)
    expect(jobOf({ ...copying, ...paused.after } as typeof copying)).toMatchObject({ kind: 'copy', isAwaited: true })
    expect(jobOf(copying)).not.toHaveProperty('isAwaited')
  })

  it('pauses it: it answers nowhere from then on', () => {
    expect(paused.after).toMatchObject({ status: 'active', operation: { ...operations.copy, pausedAt: wallNow } })
    expect(paused.after).not.toHaveProperty('endpoint')
    expect(siteSchema.parse(paused.after)).toEqual(paused.after)
  })

  it('ends the pause where it answers again, and measures it by the wall clock', () => {
    const pausedAt = '2026-03-01T11:59:58.760Z'
    const { after } = endPause({ ...copying, operation: { ...operations.copy, pausedAt } }, endpoint, fixedContext())
    expect(after).toMatchObject({ endpoint, operation: { ...operations.copy, pausedMilliseconds: 1240 } })
    expect(after.operation).not.toHaveProperty('pausedAt')
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it('measures no pause below nothing, where the clock was set back', () => {
    const pausedAt = '2026-03-01T13:00:00.000Z'
    const { after } = endPause({ ...copying, operation: { ...operations.copy, pausedAt } }, endpoint, fixedContext())
    expect(after.operation).toMatchObject({ pausedMilliseconds: 0 })
  })

  it('goes from pause to archive without losing anything of the site', () => {
    const { operation } = copying
    const context = fixedContext()
    const running = endPause({ ...paused.after, operation }, endpoint, context).after
    const { after } = recordCopy({ ...running, operation }, archiveNumbered(7, { kind: 'owner' }), context)
    const { archives } = after
    const version = active().version + 3
    expect(after).toEqual({ ...active(), endpoint, version, archives, copying: { copiedAt: wallNow } })
  })

  it('ends with the archive noted and nothing running', () => {
    const archive = archiveNumbered(7, { kind: 'owner', pausedMilliseconds: 840 })
    const { after, event } = recordCopy(copying, archive, fixedContext())
    const version = active().version + 1
    expect(after).toEqual({ ...active(), version, archives: [archive], copying: { copiedAt: wallNow } })
    expect(event).toMatchObject({ type: 'SiteCopied', data: { archiveId: archive.id, status: 'active' } })
  })
})
