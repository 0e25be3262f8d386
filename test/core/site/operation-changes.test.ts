import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { endOperation, requireIdle, requireOperation, requireUnderWay } from '../../../core/site/change-site.ts'
import { keptOperation, type SiteChange } from '../../../core/site/lifecycle.ts'
import type { OperationKind } from '../../../core/site/operation.ts'
import { siteSchema } from '../../../core/site/site.ts'
import { beginArchiving } from '../../../lambdas/endings/archive-site.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { beginSuspension } from '../../../lambdas/endings/end-site.ts'
import { beginPurge } from '../../../lambdas/endings/purge-site.ts'
import { beginRestore } from '../../../lambdas/endings/restore-site.ts'
import { retryAt, retryOperation } from '../../../lambdas/sites/heal-work.ts'
import { fixedContext, wallNow } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { active, archived, archiveNumbered, operationOf, operations, suspended, under } from './kept-sites.ts'

const kinds = Object.keys(operations) as OperationKind[]
const beginnings: readonly (readonly [OperationKind, SiteChange])[] = [
  ['suspend', beginSuspension(active(), fixedContext())],
  ['archive', beginArchiving(suspended(), fixedContext())],
  ['copy', beginCopy(active(), fixedContext())],
  ['restore', beginRestore(archived(), {}, fixedContext())],
  ['purge', beginPurge(suspended(), fixedContext())],
  ['purge', beginPurge(archived(), fixedContext())],
]

describe('beginning an operation', () => {
  it.each(beginnings)('%s: the site stays what it is, and the operation is named after the change', (kind, change) => {
    const { before, after, event } = change
    expect(after.status).toBe(before?.status)
    expect(operationOf(after)).toMatchObject({
      id: `${kind}-site-${after.id}-${after.version}`,
      kind,
      fence: 1,
      startedAt: wallNow,
    })
    expect(event).toMatchObject({ type: 'SiteOperationBegun', data: { operation: kind } })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it.each(kinds)('is refused while a %s is running, for a moment', (kind) => {
    const busy = expect.objectContaining({ kind: 'OperationInProgress', retryAfterSeconds: 5 })
    expect(() => beginSuspension(under(active(), kind), fixedContext())).toThrow(busy)
    expect(() => beginArchiving(under(suspended(), kind), fixedContext())).toThrow(busy)
    expect(() => beginCopy(under(active(), kind), fixedContext())).toThrow(busy)
    expect(() => beginRestore(under(archived(), kind), {}, fixedContext())).toThrow(busy)
    expect(() => beginPurge(under(archived(), kind), fixedContext())).toThrow(busy)
    expect(() => requireIdle(active())).not.toThrow()
  })

  it('takes a copy of the data directory there is, under an id that is new', () => {
    const { after } = beginArchiving(suspended({ generation: 3 }), fixedContext())
    expect(after).toMatchObject({
      generation: 3,
      operation: { generation: 3, archiveId: expect.stringMatching(/^arc_/) },
    })
    expect(beginCopy(active({ generation: 3 }), fixedContext()).after.operation).toMatchObject({ generation: 3 })
  })

  it('restores the newest archive into a data directory that was never used', () => {
    const archives = [archiveNumbered(2), archiveNumbered(1, { kind: 'owner' })]
    expect(beginRestore(archived({ archives, generation: 3 }), {}, fixedContext()).after).toMatchObject({
      status: 'archived',
      generation: 4,
      operation: { generation: 4, archiveId: archiveNumbered(2).id },
    })
  })

  it('to restore it revokes its deletion and takes over what it costs', () => {
    const site = archived({
      deletion: { requestedAt: wallNow, by: 'owner' },
      purgeRequest: { operatorId: 'staff-7', at: wallNow },
    })
    const facts = { trialEndsAt: '2026-06-01T12:00:00.000Z', extensionsUsed: 1 }
    const { after, event } = beginRestore(site, facts, fixedContext(), { reason: 'They called.' })
    expect(after).toMatchObject(facts)
    expect(after).not.toHaveProperty('deletion')
    expect(after).not.toHaveProperty('purgeRequest')
    expect(event.data).toMatchObject({ operation: 'restore', reason: 'They called.' })
  })

  it('to restore what has no archive is a mistake of ours', () => {
    expect(() => beginRestore(archived({ archives: [] }), {}, fixedContext())).toThrow('has no archive')
  })
})

describe('another attempt', () => {
  const sites = [
    under(active(), 'suspend'),
    under(suspended(), 'suspend'),
    under(suspended(), 'archive'),
    under(archived(), 'archive'),
    under(archived(), 'restore'),
    under(archived(), 'purge'),
    { ...siteSamples.purged, operation: operations.purge },
    under(active(), 'copy'),
  ] as const

  it.each(sites)(
    'at the $operation.kind of a site that is $status has the next fence and a start of its own',
    (site) => {
      const late = { ...site, operation: { ...site.operation, startedAt: '2026-01-01T00:00:00.000Z' } }
      const { after, event } = retryOperation(late, fixedContext())
      expect(operationOf(after)).toMatchObject({
        id: site.operation.id,
        kind: site.operation.kind,
        fence: 2,
        startedAt: wallNow,
      })
      expect(event).toMatchObject({ type: 'SiteOperationRetried', data: { operation: site.operation.kind } })
      expect(siteSchema.parse(after)).toEqual(after)
    },
  )

  it('at a copy makes another one, so that two attempts at once cannot mix', () => {
    for (const site of [under(suspended(), 'archive'), under(active(), 'copy')]) {
      const { after } = retryOperation(site, fixedContext())
      expect(operationOf(after)).toMatchObject({ archiveId: expect.stringMatching(/^arc_/), generation: 1 })
      expect(operationOf(after)).not.toMatchObject({ archiveId: site.operation.archiveId })
    }
  })

  it('at what is left of an archiving keeps to the copy that has become the site’s data', () => {
    const { after } = retryOperation(under(archived(), 'archive'), fixedContext())
    expect(operationOf(after)).toMatchObject({ archiveId: operations.archive.archiveId, generation: 1, fence: 2 })
  })

  it('at a restore has a data directory of its own', () => {
    const { after } = retryOperation(under(archived({ generation: 2 }), 'restore'), fixedContext())
    expect(after).toMatchObject({ generation: 3, operation: { generation: 3, archiveId: archiveNumbered(1).id } })
  })

  it('leaves the data directory of everything else as it is', () => {
    for (const site of sites.filter(({ operation }) => operation.kind !== 'restore')) {
      expect(retryOperation({ ...site, generation: 5 }, fixedContext()).after.generation).toBe(5)
    }
  })

  it('at nothing is a mistake of ours', () => {
    expect(() => retryOperation(active(), fixedContext())).toThrow('no operation to')
    expect(() => endOperation(active(), 'done', fixedContext())).toThrow('no operation to')
  })

  it('comes after twice the pause before, and never later than after an hour', () => {
    const pauseOf = (fence: number) => Date.parse(retryAt({ ...operations.purge, fence })) - Date.parse(wallNow)
    expect([1, 2, 3, 4].map(pauseOf)).toEqual([10_000, 20_000, 40_000, 80_000])
    expect([10, 50, 5000].map(pauseOf)).toEqual([3_600_000, 3_600_000, 3_600_000])
  })
})

describe('the end of an operation', () => {
  it.each(['done', 'refused', 'failed'] as const)('ends the operation as %s', (outcome) => {
    const { after, event } = endOperation(under(suspended(), 'suspend'), outcome, fixedContext())
    expect(after).toEqual({ ...suspended(), version: suspended().version + 1 })
    expect(event).toMatchObject({ type: 'SiteOperationEnded', data: { operation: 'suspend', outcome } })
    expect(event.data).not.toHaveProperty('because')
  })

  it('may say why, and when to try again', () => {
    const reprievedUntil = plusMilliseconds(wallNow, 60_000)
    const why = { reprievedUntil, because: 'paid' }
    const { after, event } = endOperation(under(active(), 'suspend'), 'refused', fixedContext(), why)
    expect(after).toMatchObject({ status: 'active', reprievedUntil })
    expect(event.data).toMatchObject({ because: 'paid', outcome: 'refused' })
    expect(siteSchema.parse(after)).toEqual(after)
  })

  it.each([
    ['refused', 'operators', false],
    ['failed', 'operators', true],
    ['refused', 'owner', true],
  ] as const)('as %s of a purge leaves the deletion by %s: %s', (outcome, by, isLeft) => {
    for (const site of [suspended, archived]) {
      const deleted = site({ deletion: { by, requestedAt: wallNow } })
      const { after } = endOperation(under(deleted, 'purge'), outcome, fixedContext())
      expect('deletion' in after).toBe(isLeft)
    }
  })

  it('of a purged site has nothing to try again', () => {
    const site = { ...siteSamples.purged, operation: operations.purge }
    const { after } = endOperation(site, 'done', fixedContext(), { reprievedUntil: wallNow })
    expect(after).toEqual({ ...siteSamples.purged, version: siteSamples.purged.version + 1 })
  })
})

describe('an attempt', () => {
  const site = under(suspended(), 'archive')
  const attempt = { siteId: site.id, operationId: site.operation.id, fence: 1 }
  const superseded = expect.objectContaining({ name: 'OperationSuperseded' })

  it('continues where it is the one that works on the site', () => {
    expect(requireOperation(site, attempt, 'archive')).toBe(site)
  })

  it('stops where it has been overtaken, or is not running', () => {
    for (const [found, asking, kind] of [
      [retryOperation(site, fixedContext()).after, attempt, 'archive'],
      [site, { ...attempt, fence: 2 }, 'archive'],
      [site, { ...attempt, operationId: 'archive-site-other' }, 'archive'],
      [site, attempt, 'purge'],
      [suspended(), attempt, 'archive'],
      [siteSamples.building, attempt, 'archive'],
    ] as const) {
      expect(() => requireOperation(found, asking, kind)).toThrow(superseded)
    }
  })

  it('throws NotFound for an unknown site', () => {
    expect(() => requireOperation(undefined, attempt, 'archive')).toThrow(expect.objectContaining({ kind: 'NotFound' }))
  })

  it('of any kind is known by the name of its operation', () => {
    const { after } = beginArchiving(suspended(), fixedContext())
    const operationId = operationOf(after)?.id ?? ''
    expect(requireUnderWay(after, { ...attempt, operationId })).toBe(after)
    expect(() => requireUnderWay(after, { ...attempt, operationId, fence: 2 })).toThrow(superseded)
    expect(() => requireUnderWay(after, { ...attempt, operationId: 'provision-site-x-1' })).toThrow(superseded)
    expect(() => requireUnderWay(after, { ...attempt, operationId: '' })).toThrow(superseded)
  })
})

describe('what keeps running when a person or a payment changes the site', () => {
  it.each([
    { site: under(active(), 'suspend'), verdict: 'is aborted' },
    { site: under(suspended(), 'archive'), verdict: 'is aborted' },
    { site: under(suspended(), 'purge'), verdict: 'is aborted' },
    { site: under(archived(), 'purge'), verdict: 'is aborted' },
    { site: under(suspended(), 'suspend'), verdict: 'continues' },
    { site: under(archived(), 'archive'), verdict: 'continues' },
    { site: under(archived(), 'restore'), verdict: 'continues' },
    { site: under(active(), 'copy'), verdict: 'continues' },
  ])('the $site.operation.kind of a site that is $site.status $verdict', ({ site, verdict }) => {
    expect(keptOperation(site)).toEqual(verdict === 'continues' ? { operation: site.operation } : {})
  })

  it('is nothing where nothing was', () => {
    expect(keptOperation(active())).toEqual({})
  })
})
