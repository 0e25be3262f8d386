import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventSchema } from '../../../core/events/event.ts'
import { plusDays } from '../../../core/instant.ts'
import { ownerArchivesKept } from '../../../core/site/archive.ts'
import { type SiteChange, transitions } from '../../../core/site/lifecycle.ts'
import { entitledUntil, nextDestructiveStep, nextStep } from '../../../core/site/next-step.ts'
import { isKept, isLive, ownershipOf, type Site, siteSchema } from '../../../core/site/site.ts'
import { samplePolicy } from '../../support/sample-policy.ts'
import { keptActs } from './kept-acts.ts'
import { active, archived, asleep, operationOf, suspended } from './kept-sites.ts'

interface Step {
  readonly now: string
  readonly change: SiteChange
}

const starts = fc.constantFrom<Site>(
  active({ trialEndsAt: '2026-04-20T12:00:00.000Z', reminded: [] }),
  asleep({ trialEndsAt: '2026-04-20T12:00:00.000Z', reminded: [] }),
  suspended(),
  archived(),
)

/** Any acts at any time on a site that has an owner; those that do not apply are refused and leave it alone. */
const lives: fc.Arbitrary<readonly Step[]> = fc
  .tuple(starts, fc.array(fc.tuple(keptActs, fc.integer({ min: 0, max: 40 })), { minLength: 10, maxLength: 60 }))
  .map(([start, sequence]) => {
    const steps: Step[] = []
    let site = start
    let now = plusDays(start.createdAt, 35)
    let count = 0
    for (const [act, days] of sequence) {
      now = plusDays(now, days / 4)
      const change = act(site, {
        actor: { kind: 'system' },
        causationId: 'req_1',
        clocks: { domain: () => now, wall: () => now },
        randomness: {
          id: (prefix) => {
            count += 1
            return `${prefix}_01jq3v5k8m${String(count).padStart(16, '0')}`
          },
          token: () => 'token',
          integer: () => 0,
        },
      })
      if (change === undefined) continue
      steps.push({ now, change })
      site = change.after
    }
    return steps
  })

/** Each run has other lives, and `.ci/nightly` more of them. Making one takes longer than most checks of it. */
const given = { numRuns: Number(process.env['SITEWRIGHT_LIVES'] ?? 500), seed: Date.now() % 2 ** 31 }
const lived = fc.sample(lives, given)

const everyLife = (check: (life: readonly Step[]) => void): void => {
  try {
    lived.forEach(check)
  } catch (error) {
    // Names the seed, and the shortest life that fails.
    fc.assert(fc.property(lives, check), given)
    throw new Error(`with seed ${given.seed}`, { cause: error })
  }
}

const everyStep = (check: (step: Step) => void): void => everyLife((life) => life.forEach(check))

/** What an attempt makes for itself alone: a directory, a copy. Not what an upgrade has gone over to, or has left again. */
const ownOf = (site: Site): { readonly generation?: number; readonly archiveId?: string } => {
  const operation = operationOf(site)
  if (operation?.kind === 'restore') return { generation: operation.generation }
  if (operation?.kind === 'archive' || operation?.kind === 'copy') return { archiveId: operation.archiveId }
  if (operation?.kind !== 'upgrade' || operation.ending !== undefined) return {}
  return operation.copy === undefined || operation.copy.generation === site.generation ? {} : operation.copy
}

const expectOwn = <Item>(takenBy: Map<Item, string>, site: Site, leftover: Item | undefined): void => {
  const operation = operationOf(site)
  if (leftover === undefined || operation === undefined) return
  const attempt = `${operation.id}-${operation.fence}`
  expect(takenBy.get(leftover) ?? attempt).toBe(attempt)
  takenBy.set(leftover, attempt)
}

describe('whatever happens to a site that has an owner', () => {
  it('is tried here: every transition of it', () => {
    // Always the same lives, since a few transitions are rare.
    const same = fc.sample(lives, { numRuns: 200, seed: 10 })
    const types = same.flatMap((life) => life.map(({ change }) => change.event.type))
    // A rehearsal ends by itself; its test is that of the API.
    const { endRehearsal: _, extendEnvironment: __, ...others } = transitions
    const ofKept = Object.values<{ readonly from: readonly string[]; readonly event: string }>(others).filter(
      ({ from }) => from.some((status) => ['active', 'asleep', 'suspended', 'archived', 'purged'].includes(status)),
    )
    expect(new Set(types)).toEqual(new Set(ofKept.map(({ event }) => event)))
  })

  it('has an event of the table for each change', () => {
    everyStep(({ change: { before, after, event } }) => {
      const ways = Object.values(transitions).filter(
        ({ event: type, from, to }) =>
          type === event.type &&
          (to === 'same' ? before?.status : to) === after.status &&
          from.some((status) => status === before?.status),
      )
      expect(ways).toHaveLength(1)
    })
  })

  it('leaves a site and an event that can be stored and read', () => {
    everyStep(({ change: { after, event } }) => {
      expect(siteSchema.parse(after)).toEqual(after)
      expect(eventSchema.parse(event)).toEqual(event)
    })
  })

  it('keeps its owner, its birth and its cell', () => {
    everyStep(({ change: { before, after } }) => {
      expect([after.id, after.createdAt]).toEqual([before?.id, before?.createdAt])
      const operation = before && operationOf(before)
      const asked = operation?.kind === 'upgrade' ? operation.target.cell : undefined
      const isMove = asked !== undefined && after.cell === asked && after.generation > (before?.generation ?? 0)
      if (!isMove) expect(after.cell).toBe(before?.cell)
      const { name: _, ...owner } = ownershipOf(after) ?? { name: 'nobody owns it' }
      expect(before && ownershipOf(before)).toMatchObject(owner)
      expect(owner).toHaveProperty('accountId')
    })
  })

  it('ends permanently with its purge', () => {
    everyStep(({ change: { before, after } }) => {
      if (before?.status === 'purged') expect(after.status).toBe('purged')
    })
  })

  it('takes no data directory twice: its generation never goes back, and a restore goes into one that was never used', () => {
    everyLife((life) => {
      const used = new Map<number, string>()
      for (const { change } of life) {
        const { before, after } = change
        expect(after.generation).toBeGreaterThanOrEqual(before?.generation ?? 0)
        if (before !== undefined && !used.has(before.generation)) used.set(before.generation, 'in use')
        expectOwn(used, after, ownOf(after).generation)
        if (operationOf(after)?.kind === 'restore') expect(after.generation).toBe(ownOf(after).generation)
      }
    })
  })

  it('takes no id of a copy twice: each attempt has one of its own', () => {
    everyLife((life) => {
      const attempts = new Map<string, string>()
      for (const { change } of life) {
        // The rest of an archiving continues with the copy that was decided on.
        if (change.after.status !== 'archived') expectOwn(attempts, change.after, ownOf(change.after).archiveId)
      }
    })
  })

  it('never takes a fence back', () => {
    everyStep(({ change: { before, after } }) => {
      const [earlier, later] = [before && operationOf(before), operationOf(after)]
      if (earlier?.id === later?.id) expect(later?.fence ?? 0).toBeGreaterThanOrEqual(earlier?.fence ?? 0)
    })
  })

  it('is archived with the copy of its data before a few others, and restored from nothing else', () => {
    everyStep(({ change: { before, after } }) => {
      if (!isKept(after)) return
      expect(after.archives.length).toBeLessThanOrEqual(ownerArchivesKept + 2)
      const [first] = after.archives
      if (after.status === 'archived') expect(first?.kind).toBe('reclaim')
      if (after.operation?.kind === 'restore') expect(after.operation.archiveId).toBe(first?.id)
      if (before?.status === 'suspended' && after.status === 'archived') {
        expect(operationOf(before)).toMatchObject({ kind: 'archive', archiveId: first?.id })
      }
    })
  })

  it('skips no stage: it is purged from archived, or from suspended by a deletion alone', () => {
    everyStep(({ change: { before, after } }) => {
      if (after.status !== 'purged' || before?.status === 'purged') return
      if (before?.status === 'suspended') expect(before.deletion).toBeDefined()
      else expect(before?.status).toBe('archived')
    })
  })

  it('has nothing to fear from time while it is held and stopped', () => {
    everyStep(({ change: { after } }) => {
      if (!isKept(after) || isLive(after) || after.heldSince === undefined) return
      expect(nextStep(after, samplePolicy)).toBeUndefined()
    })
  })

  it('is paid for without an end while its subscription is active, and under a plan by arrangement', () => {
    everyStep(({ change: { after } }) => {
      if (!isKept(after)) return
      const isByArrangement = after.plan !== 'trial' && after.billing === undefined
      if (!isByArrangement && after.billing?.state !== 'active') return
      expect(entitledUntil(after, samplePolicy)).toBeUndefined()
    })
  })

  it('has nothing to fear from time while it is paid for and not to be deleted', () => {
    everyStep(({ change: { after } }) => {
      if (!isKept(after) || entitledUntil(after, samplePolicy) !== undefined) return
      if (!isLive(after) && after.deletion !== undefined) return
      expect(nextDestructiveStep(after, samplePolicy)).toBeUndefined()
    })
  })

  it('answers somewhere only while it is active and not paused', () => {
    everyStep(({ change: { after } }) => {
      if (!('endpoint' in after)) return
      expect(after.status).toBe('active')
      const operation = operationOf(after)
      if (operation !== undefined && 'pausedAt' in operation) expect(operation.pausedAt).toBeUndefined()
    })
  })
})
