import { describe, expect, test } from 'vitest'
import { type Blueprint, parseBlueprint } from '../../../../core/blueprint/blueprint.ts'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { ownBlueprint } from '../../../../lambdas/deployments/deployment.ts'
import { createDeploymentStore } from '../../../../lambdas/deployments/store.ts'
import { randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const blueprint = (name: string, version: number, title = 'Shop'): Blueprint =>
  parseBlueprint(
    {
      name,
      version,
      title,
      containers: [{ name: 'web', image: 'shop:1', environment: { COLOUR: 'green' }, secrets: ['TOKEN'] }],
      traffic: { container: 'web', healthPath: '/healthz' },
      data: { mode: 'shared' },
    },
    'the test blueprint',
  )

export const blueprints = (open: OpenTestStore): void => {
  describe('a blueprint', () => {
    const store = storeForAll(open)

    test('is found as it was published', async () => {
      const shop = blueprint('found', 1)
      await store.blueprints.publish(shop)
      expect(await store.blueprints.get('found', 1)).toEqual(shop)
      expect(await store.blueprints.get('found', 2)).toBeUndefined()
      expect(await store.blueprints.get('unknown', 1)).toBeUndefined()
    })

    test('may be published again with the same content', async () => {
      await store.blueprints.publish(blueprint('again', 1))
      await store.blueprints.publish(blueprint('again', 1))
      expect(await store.blueprints.get('again', 1)).toEqual(blueprint('again', 1))
    })

    test('never changes once it is published', async () => {
      await store.blueprints.publish(blueprint('fixed', 1))
      await expect(store.blueprints.publish(blueprint('fixed', 1, 'Another'))).rejects.toSatisfy((error) =>
        isErrorOfKind(error, 'BlueprintInvalid'),
      )
      expect(await store.blueprints.get('fixed', 1)).toEqual(blueprint('fixed', 1))
    })

    test('is in its latest version by number, whatever the order of publishing', async () => {
      for (const version of [2, 10, 9]) await store.blueprints.publish(blueprint('versions', version))
      expect((await store.blueprints.latest('versions'))?.version).toBe(10)
      expect(await store.blueprints.latest('version')).toBeUndefined()
      expect((await store.blueprints.versions('versions')).map(({ version }) => version)).toEqual([2, 9, 10])
      expect((await store.blueprints.versions('versions', 2)).map(({ version }) => version)).toEqual([9, 10])
      expect(await store.blueprints.versions('version')).toEqual([])
    })

    test('keeps what is known of it beside its versions, which are no versions of it', async () => {
      const status = { schemaVersion: 1 as const, name: 'known', version: 1 }
      expect(await store.blueprints.status('known')).toBeUndefined()
      expect(await store.blueprints.saveStatus(status)).toBe(true)
      expect(await store.blueprints.saveStatus(status)).toBe(false)
      const at = '2026-03-01T12:00:00.000Z'
      const imageFailure = {
        version: 3,
        cause: 'unknown' as const,
        detail: 'gone',
        since: at,
        failures: 1,
        retryAt: at,
      }
      expect(await store.blueprints.saveStatus({ ...status, version: 2, imageFailure })).toBe(true)
      expect(await store.blueprints.saveStatus({ ...status, version: 4 })).toBe(false)
      expect(await store.blueprints.status('known')).toEqual({ ...status, version: 2, imageFailure })
      expect(await store.blueprints.latest('known')).toBeUndefined()
    })

    test('is listed by its name, and while its draft is to be tried, among those', async () => {
      const at = '2026-03-01T12:00:00.000Z'
      const trying = {
        blueprint: blueprint('listed', 1),
        revision: 1,
        submittedAt: at,
        state: 'trying',
        failures: 0,
      } as const
      const status = { schemaVersion: 1 as const, name: 'listed' }
      await store.blueprints.saveStatus({ ...status, version: 1, draft: trying })
      await store.blueprints.saveStatus({ schemaVersion: 1, name: 'listed-too', version: 1 })
      expect(await store.blueprints.names('drafts')).toEqual(['listed'])
      // A refused write lists nothing.
      await store.blueprints.saveStatus({ ...status, version: 3, draft: { ...trying, state: 'failed' } })
      expect(await store.blueprints.names('drafts')).toEqual(['listed'])
      await store.blueprints.saveStatus({ ...status, version: 2, draft: { ...trying, state: 'current' } })
      expect(await store.blueprints.names('drafts')).toEqual([])
      expect(await store.blueprints.names('all')).toEqual(expect.arrayContaining(['listed', 'listed-too']))
    })

    test('of a site’s own goes with its deployments: all versions, and what is known of them', async () => {
      const [erased, kept] = [randomness.id('site'), randomness.id('site')]
      for (const name of [ownBlueprint(erased), ownBlueprint(kept), 'site-builder']) {
        for (const version of [1, 2]) await store.blueprints.publish(blueprint(name, version))
        await store.blueprints.saveStatus({ schemaVersion: 1, name, version: 1 })
      }
      const left = async (name: string) => [
        (await store.blueprints.versions(name)).length,
        (await store.blueprints.status(name)) !== undefined,
        (await store.blueprints.names('all')).includes(name),
      ]
      const { erase } = createDeploymentStore({ client: store.document, tables: store.tables })
      await erase(erased)
      await erase('site_builder')
      expect(await left(ownBlueprint(erased))).toEqual([0, false, false])
      expect(await left(ownBlueprint(kept))).toEqual([2, true, true])
      expect(await left('site-builder')).toEqual([2, true, true])
    })
  })
}
