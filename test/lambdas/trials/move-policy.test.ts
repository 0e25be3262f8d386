import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { retireSite } from '../../../lambdas/sites/claim/pooled-site.ts'
import { actOnDeadlines } from '../../../lambdas/trials/act-on-deadlines.ts'
import { type MovedSite, movePolicy, type PolicyMove } from '../../../lambdas/trials/move-policy.ts'
import { openStoreOn } from '../../../local/open-store.ts'
import { placed, readySite } from '../../adapters/dynamodb/made-changes.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { quickClients } from '../../support/memory-table/quick-client.ts'
import { samplePolicy } from '../../support/sample-policy.ts'

const start = '2026-03-01T12:00:00.000Z'
const operator = { kind: 'operator', operatorId: 'op-1', role: 'admin' } as const

/** Version 2 lasts a day, version 3 a month. */
const policies = trialPolicies([
  samplePolicy,
  { ...samplePolicy, version: 2, trialDays: 2, reminderDaysBefore: [1] },
  { ...samplePolicy, version: 3, trialDays: 30 },
])

const openStage = async () => {
  const clients = quickClients()
  const store = await openStoreOn(clients, { policies, onCommit: () => undefined })
  const world = { now: start as Instant }
  const ports = {
    ...store,
    policies,
    clocks: { domain: () => world.now, wall: () => world.now },
    randomness: createRandomness(),
    log: recordingLog(),
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    clockIsTurned: () => false,
  }
  return {
    ports,
    clients,
    world,
    open: async (facts: Partial<ActiveSite> = {}): Promise<Site> => {
      const change = placed({ trialEndsAt: plusDays(start, 7), reminded: [7], ...facts })
      await store.sites.commit(change)
      return change.after
    },
    move: async (wanted: Partial<PolicyMove> = {}) => {
      const moved: MovedSite[] = []
      let cursor: string | undefined
      do {
        const page = await movePolicy(ports, {
          from: 1,
          to: 3,
          isDryRun: false,
          reason: 'Longer trials.',
          actor: operator,
          causationId: 'req_1',
          ...wanted,
          ...(cursor === undefined ? {} : { cursor }),
        })
        moved.push(...page.sites)
        cursor = page.cursor
      } while (cursor !== undefined)
      return moved
    },
  }
}

describe('moving sites to another policy', () => {
  it('shows first what would change for whom, and changes nothing', async () => {
    const { ports, open, move } = await openStage()
    const site = await open()
    expect(await move({ isDryRun: true })).toMatchObject([
      {
        before: { id: site.id, trialEndsAt: plusDays(start, 7) },
        after: { id: site.id, trialEndsAt: plusDays(start, 23), policyVersion: 3 },
        nextBefore: { step: 'remind', daysBefore: 3, dueAt: plusDays(start, 4) },
        nextAfter: { step: 'remind', daysBefore: 7, dueAt: plusDays(start, 16) },
        isDueAtOnce: false,
      },
    ])
    expect(await ports.sites.get(site.id)).toEqual(site)
  })

  it('does then what it has shown, once, with who and why', async () => {
    const { ports, open, move } = await openStage()
    const site = await open()
    const other = await open({ policyVersion: 2 })
    const shown = await move({ isDryRun: true })
    const done = await move()
    expect(done).toEqual(shown)
    expect(await ports.sites.get(site.id)).toEqual(done[0]?.after)
    expect(await ports.sites.get(other.id)).toEqual(other)
    const [event] = (await ports.siteLists.pageOfEvents(site.id, { limit: 1 })).items
    expect(event).toMatchObject({
      type: 'SitePolicyChanged',
      actor: operator,
      data: { policyVersion: 3, previousPolicyVersion: 1, reason: 'Longer trials.' },
    })
    expect(await move()).toEqual([])
  })

  it('reaches every site of many pages', async () => {
    const { open, move } = await openStage()
    const ids = new Set<string>()
    for (let count = 0; count < 130; count += 1) ids.add((await open()).id)
    expect(new Set((await move()).map(({ after }) => after.id))).toEqual(ids)
  })

  it('moves environments without changing their time, so that nothing needs the old version', async () => {
    const { ports, clients, open, move } = await openStage()
    const environmentOf = { siteId: (await open()).id, name: 'qa', hours: 100, until: plusDays(start, 3) }
    const environment = await open({ environmentOf, reminded: [1] })
    const pooled = await readySite(ports)
    expect((await move()).map(({ nextAfter }) => nextAfter?.step)).toEqual(['end-environment', 'remind'])
    expect(await ports.sites.get(environment.id)).toEqual({ ...environment, policyVersion: 3, version: 2 })

    const without = trialPolicies([{ ...samplePolicy, version: 3 }])
    const { sites, siteLists } = await openStoreOn(clients, { policies: without, onCommit: () => undefined })
    expect((await sites.commit(retireSite(pooled, { ...ports, actor: operator, causationId: 'req_2' }))).done).toBe(
      true,
    )
    const { items } = await siteLists.pageByStatus(['active'], { limit: 10 })
    for (const site of items) expect(without.of(site).version).toBe(3)
  })

  it('to one that makes everything due trips the brake, and takes nothing away', async () => {
    const { ports, world, open, move } = await openStage()
    for (let count = 0; count < 30; count += 1) await open()
    await actOnDeadlines(ports, 'tick')
    const moved = await move({ to: 2 })
    expect(moved.filter(({ isDueAtOnce }) => isDueAtOnce)).toHaveLength(30)
    world.now = plusMilliseconds(world.now, 60_000)
    await actOnDeadlines(ports, 'tick')
    expect((await ports.brakes.read())?.tripped?.because).toBe('too-many')
    for await (const site of ports.sites.listByStatus('active')) expect(site.operation).toBeUndefined()
  })
})
