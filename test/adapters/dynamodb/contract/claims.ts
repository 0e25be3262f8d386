import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseBlueprint } from '../../../../core/blueprint/blueprint.ts'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { planCatalogue } from '../../../../core/plan/plan-catalogue.ts'
import type { Obstacle } from '../../../../core/ports/stores.ts'
import { type CreateSite, type CreateSitePorts, createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import { claimFromPool } from '../../../../lambdas/sites/claim/pooled-site.ts'
import config from '../../../../sitewright.config.ts'
import { noOffers } from '../../../support/no-offers.ts'
import { openAdmission } from '../../../support/open-admission.ts'
import { samplePolicies } from '../../../support/sample-policy.ts'
import { recordRoundTrips } from '../intercept.ts'
import {
  claim,
  clocks,
  completion,
  context,
  newAccountId,
  newCell,
  newSignup,
  newSlug,
  now,
  owner,
  randomness,
  readySite,
  request,
} from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const crowd = 20

const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, i) => make(i))

const blueprint = parseBlueprint(
  {
    name: 'welcome',
    version: 1,
    title: 'Welcome',
    containers: [{ name: 'web', image: 'welcome:1' }],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
  },
  'the test blueprint',
)

export const claims = (open: OpenTestStore): void => {
  describe('a crowd', () => {
    let store: TestStore
    beforeAll(async () => {
      store = await open()
      await store.blueprints.publish(blueprint)
    })
    afterAll(() => store?.close())

    const outcomes = async (commits: readonly Promise<{ done: boolean; obstacle?: Obstacle }>[]) => {
      const results = await Promise.all(commits)
      return {
        done: results.filter(({ done }) => done).length,
        obstacles: new Set(results.flatMap(({ obstacle }) => obstacle ?? [])),
      }
    }

    const portsIn = (cell: string): CreateSitePorts & { readonly started: string[] } => {
      const started: string[] = []
      return {
        sites: store.sites,
        blueprints: store.blueprints,
        rollouts: { read: async () => undefined },
        idempotency: store.idempotency,
        workflows: {
          start: async (_, name) => {
            started.push(name)
          },
          status: async () => 'unknown',
        },
        log: { info: () => {}, warn: () => {}, error: () => {} },
        clocks,
        randomness,
        plans: planCatalogue(config.plans),
        policies: samplePolicies,
        admission: openAdmission,
        capacities: [{ name: cell, sites: 1_000_000 }],
        cellCounts: { read: async () => [], add: async () => true },
        sitesDomain: 'sites.example.com',
        reservedSlugs: [],
        offers: noOffers,
        offeredBlueprints: ['welcome'],
        started,
      }
    }

    const command = (wanted: Partial<CreateSite> = {}): CreateSite => ({
      accountId: newAccountId(),
      actor: context.actor,
      causationId: context.causationId,
      slug: newSlug(),
      ...wanted,
    })

    test('claims one ready site: exactly one gets it', async () => {
      const ready = await readySite(store)
      expect(await outcomes(times(crowd, () => store.sites.commit(claim(ready))))).toEqual({
        done: 1,
        obstacles: new Set(['version']),
      })
      expect(await store.sites.get(ready.id)).toMatchObject({ status: 'active', version: ready.version + 1 })
    })

    test('claims from a pool of five: five get a site each, and the rest learn that it is empty', async () => {
      const cell = newCell()
      const pool = await Promise.all(times(5, () => readySite(store, { cell })))
      const claimed = await Promise.all(
        times(crowd, () =>
          claimFromPool(
            { sites: store.sites, cells: [cell], policy: samplePolicies.current },
            { ownership: owner(), blueprint: 'welcome', context },
          ),
        ),
      )
      const ids = claimed.flatMap((outcome) => (typeof outcome === 'string' ? [] : outcome.id))
      expect(ids.toSorted()).toEqual(pool.map(({ id }) => id).toSorted())
      expect(claimed.filter((outcome) => outcome === 'pool-empty')).toHaveLength(crowd - 5)
    })

    test('signs up with five sites ready: everybody gets a site, five at once', async () => {
      const cell = newCell()
      await Promise.all(times(5, () => readySite(store, { cell })))
      const ports = portsIn(cell)
      const sites = await Promise.all(times(crowd, () => createSite(ports, command())))
      expect(new Set(sites.map(({ id }) => id)).size).toBe(crowd)
      expect(sites.filter(({ status }) => status === 'active')).toHaveLength(5)
      expect(new Set(ports.started).size).toBe(crowd - 5)
      for (const site of sites) expect(await store.sites.get(site.id)).toEqual(site)
    })

    test('of two accounts wants one hostname: one gets it, and the other is told', async () => {
      const { slug } = owner()
      expect(await outcomes(times(2, () => store.sites.commit(request({ ownership: owner({ slug }) }))))).toEqual({
        done: 1,
        obstacles: new Set(['hostname']),
      })
    })

    test('of two requests of one account: one trial', async () => {
      const accountId = newAccountId()
      expect(await outcomes(times(2, () => store.sites.commit(request({ ownership: owner({ accountId }) }))))).toEqual({
        done: 1,
        obstacles: new Set(['trial']),
      })
      expect((await store.sites.listByAccount(accountId, { limit: 10 })).items).toHaveLength(1)
    })

    test.each(['warm', 'empty'])('of clicks with one Idempotency-Key on a %s pool: one site', async (pool) => {
      const cell = newCell()
      if (pool === 'warm') await Promise.all(times(3, () => readySite(store, { cell })))
      const ports = portsIn(cell)
      const click = command({ idempotencyKey: 'click' })
      const sites = await Promise.all(times(5, () => createSite(ports, click)))
      expect(new Set(sites.map(({ id }) => id)).size).toBe(1)
      await expect(createSite(ports, { ...click, slug: newSlug() })).rejects.toSatisfy((error) =>
        isErrorOfKind(error, 'IdempotencyKeyReused'),
      )
    })

    test('is answered in three round trips each, session included', async () => {
      const cell = newCell()
      const signup = newSignup()
      await store.signups.create(signup)
      const { session, opening, entry } = completion(signup)
      await store.signups.complete({ signup, session, opening, entry })
      await readySite(store, { cell })
      using measured = await open({ tables: store.tables })
      const trips = recordRoundTrips(measured.engine)
      const found = await measured.sessions.find(session.tokenHash, now)
      const site = await createSite(
        { ...portsIn(cell), sites: measured.sites, blueprints: measured.blueprints, idempotency: measured.idempotency },
        command({ accountId: found!.accountId, idempotencyKey: 'once' }),
      )
      expect(site.status).toBe('active')
      expect(trips).toEqual(['GetItem', 'Query', 'TransactWriteItems'])
    })
  })
}
