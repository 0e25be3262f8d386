import fc from 'fast-check'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { siteKey } from '../../../adapters/dynamodb/keys.ts'
import type { SiteEvent } from '../../../core/events/event.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import type { Ownership } from '../../../core/site/ownership.ts'
import { ownershipOf, type Site } from '../../../core/site/site.ts'
import { noteStoragePrepared, retryBuild } from '../../../lambdas/sites/build/build-changes.ts'
import { hasEngine, startTestEngine } from '../../support/engine.ts'
import { quickClients } from '../../support/memory-table/quick-client.ts'
import { type CommitModel, createCommitModel } from './commit-model.ts'
import { claim, context, fail, finish, keyRecord, newAccountId, newSlug, owner, request } from './made-changes.ts'
import { itemsBelow, openStoreOn, openTestStore, type TestStore } from './test-store.ts'

/** Small numbers, so that steps meet each other: which site, how old the state it starts from, who wants which name. */
const stepArbitrary = fc.record({
  kind: fc.constantFrom('request', 'requestForPool', 'finish', 'fail', 'advance', 'retry', 'claim', 'claim', 'repeat'),
  pick: fc.nat(3),
  age: fc.constantFrom(0, 0, 0, 1, 2),
  account: fc.nat(2),
  slug: fc.nat(2),
  key: fc.constantFrom(undefined, undefined, 0, 1),
})
type Step = typeof stepArbitrary extends fc.Arbitrary<infer Value> ? Value : never

const step = (kind: Step['kind'], facts: Partial<Step> = {}): Step => ({
  kind,
  pick: 0,
  age: 0,
  account: 0,
  slug: 0,
  key: undefined,
  ...facts,
})

/** Meets everything that can be in the way, whatever chance brings. */
const everyObstacle: readonly Step[] = [
  step('request', { key: 0 }),
  step('request', { account: 1 }),
  step('request', { slug: 1 }),
  step('request', { account: 2, slug: 2, key: 0 }),
  step('advance'),
  step('finish', { age: 1 }),
]

interface Names {
  readonly accounts: readonly ReturnType<typeof newAccountId>[]
  readonly slugs: readonly string[]
  readonly keys: readonly string[]
}

/** A change of a site by a caller that read it some versions ago; undefined where the operation is not allowed. */
const changeOf = (step: Step, histories: readonly (readonly Site[])[], done: readonly SiteChange[], names: Names) => {
  const ownership: Ownership = owner({ accountId: names.accounts[step.account]!, slug: names.slugs[step.slug]! })
  const idempotency = step.key === undefined ? undefined : keyRecord('site_any', names.keys[step.key])
  if (step.kind === 'request') return request({ ownership, ...(idempotency && { idempotency }) })
  if (step.kind === 'requestForPool') return request()
  if (step.kind === 'repeat') return done.at(-1 - step.pick)
  const history = histories[step.pick % Math.max(1, histories.length)]
  const site = history?.at(-1 - step.age)
  if (site?.status === 'ready') return step.kind === 'claim' ? claim(site, ownership, idempotency) : undefined
  if (site?.status !== 'building') return undefined
  switch (step.kind) {
    case 'finish':
      return finish(site)
    case 'fail':
      return fail(site)
    case 'advance':
      return noteStoragePrepared(site, context)
    case 'retry':
      return retryBuild(site, context)
    default:
      return undefined
  }
}

const runs = await hasEngine('dynoxide')

describe('commits of any sites in any order', () => {
  let store: TestStore
  afterEach(() => store?.close())

  const expectSite = async (states: readonly Site[], events: readonly SiteEvent[] | undefined): Promise<void> => {
    const site = states.at(-1)!
    expect(await store.sites.get(site.id)).toEqual(site)
    const items = await itemsBelow(store, siteKey(site.id).pk)
    expect(items.filter(({ kind }) => kind === 'event').map(({ content }) => content)).toEqual(events)
  }

  /** The store has the model's sites, histories and names, and no more. */
  const expectStored = async ({ states, events, held, led }: CommitModel, names: Names): Promise<void> => {
    for (const [id, history] of states) await expectSite(history, events.get(id))
    const current = [...states.values()].map((history) => history.at(-1)!)
    for (const slug of names.slugs) {
      const { hostname } = owner({ slug })
      expect(await store.sites.isHostnameHeld(hostname)).toBe(held.has(hostname))
      expect(await store.sites.findByHostname(hostname)).toEqual(current.find(({ id }) => id === led.get(hostname)))
    }
    for (const accountId of names.accounts) {
      const { items } = await store.sites.listByAccount(accountId, { limit: 100 })
      const owned = current.filter((site) => ownershipOf(site)?.accountId === accountId)
      expect(items).toEqual(owned.toSorted((a, b) => (a.id < b.id ? 1 : -1)))
    }
  }

  const endAsTheModel = async (numRuns: number) => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: 30 }), async (steps) => {
        const model = createCommitModel()
        const names: Names = {
          accounts: [newAccountId(), newAccountId(), newAccountId()],
          slugs: [newSlug(), newSlug(), newSlug()],
          keys: [newSlug(), newSlug()],
        }
        const tried: SiteChange[] = []
        for (const step of steps) {
          const change = changeOf(step, [...model.states.values()], tried, names)
          if (change === undefined) continue
          tried.push(change)
          const expected = model.commit(change)
          expect(await store.sites.commit(change)).toEqual(expected)
          seen.add(expected.done ? 'done' : expected.obstacle)
        }
        await expectStored(model, names)
      }),
      { numRuns, examples: [[[...everyObstacle]]] },
    )
    expect([...seen].toSorted()).toEqual(['done', 'hostname', 'idempotency', 'trial', 'version'])
  }

  test('end in memory as a plain model of versions, reservations and events says', async () => {
    store = await openStoreOn(quickClients())
    await endAsTheModel(40)
  })

  test.runIf(runs)('end on an engine as that model says', async () => {
    const engine = await startTestEngine('dynoxide')
    onTestFinished(() => engine.stop())
    store = await openTestStore(engine)
    await endAsTheModel(12)
  })
})
