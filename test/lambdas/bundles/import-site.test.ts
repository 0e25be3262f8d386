import { expect, it } from 'vitest'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import type { Act } from '../../../core/site/change-site.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { BundledSite } from '../../../lambdas/bundles/bundled-site.ts'
import { type ImportPorts, importSite } from '../../../lambdas/bundles/import-site.ts'
import { leaveSite } from '../../../lambdas/bundles/leave-site.ts'
import {
  archiveDueSite,
  beginArchiving,
  copyData,
  releaseData,
  verifyCopy,
} from '../../../lambdas/endings/archive-site.ts'
import { finishOperation } from '../../../lambdas/endings/end-site.ts'
import { openRestored, restoreData, startRestored } from '../../../lambdas/endings/restore-site.ts'
import { isPlanChangeDue } from '../../../lambdas/releases/swap/follow-plan.ts'
import { welcome } from '../../support/provisioning.ts'
import { attemptAt, reclaimScene } from '../../support/reclaim-scene.ts'

const hook = { urlChange: 'hook', handOver: { hook: { path: '/owner' } } }

/** A site that left with version 1, whose data is from version 2 when it comes home. */
const awayScene = async (access: 'claimed' | 'owner', entry: Partial<BundledSite>) => {
  const scene = await reclaimScene()
  const blueprint = blueprintSchema.parse({ ...welcome(2), ...hook, access })
  await scene.store.blueprints.publish(blueprint)
  const { id } = await scene.open()
  const { accounts } = scene.store
  const ports = {
    ...scene.ports,
    accounts,
    domains: { listBySite: async () => [], commit: async () => ({ done: true }) },
  }
  const act: Act = {
    siteId: id,
    actor: { kind: 'operator', operatorId: 'ada', role: 'admin' },
    causationId: 'req_test',
  }
  await leaveSite(ports as never, act, { to: 'https://shop.example.org', reason: 'A test.' })
  await finishOperation(ports, attemptAt(await scene.get(id, 'suspended')))
  const left = await scene.get(id, 'suspended')
  await scene.ports.runtime.remove({ siteId: id, cell: left.cell })
  const failedUpgrade = { to: 2, because: 'LaunchFailed', at: scene.now() }
  const tried = { ...left, version: left.version + 1, failedUpgrade, upgradedFrom: 1 }
  await scene.commit(siteChange({ transition: 'changeUrl', before: left, after: tried }, scene.context()))
  await scene.commit(beginArchiving(tried, scene.context()))
  const attempt = attemptAt(await scene.get(id, 'suspended'))
  for (const task of [copyData, verifyCopy, archiveDueSite, releaseData, finishOperation]) await task(ports, attempt)
  const { plan, ownership, trialEndsAt, archives } = await scene.get(id, 'archived')
  const { slug, hostname, name } = ownership
  const site: BundledSite = {
    ...{ siteId: id, slug, hostname, name, plan, trialEndsAt, blueprint, variables: {}, domains: [] },
    ...{ owner: { email: 'ada@example.com' }, ...entry },
    archive: { ...archives[0]!, blueprint: { name: 'welcome', version: 2 } },
  }
  const input = { site, secrets: { generated: {}, set: {} }, rehearsal: false, dryRun: false, reason: 'A test.' }
  return {
    scene,
    id,
    comeHome: async () => {
      await importSite(ports as unknown as ImportPorts, act, input)
      const restored = attemptAt(await scene.get(id, 'archived'))
      for (const task of [restoreData, startRestored, openRestored]) await task(ports, restored)
      return scene.get(id, 'active')
    },
  }
}

const handedOver = { handOver: { status: 'done', at: '2026-02-01T12:00:00.000Z' } } as const

it.each([
  ['which is for its owner alone', 'owner', handedOver, 'owner'],
  ['in which a hand-over is new', 'claimed', { access: 'owner' }, 'owner'],
  ['which is open once it is handed over', 'claimed', { access: 'claimed', ...handedOver }, 'claimed'],
] as const)('a site that comes home has the gate of the version %s', async (_, access, entry, gate) => {
  const { comeHome } = await awayScene(access, entry)
  const site = await comeHome()
  expect(site).toMatchObject({ blueprint: { version: 2 }, access: gate })
  expect(site.handOver).toEqual('handOver' in entry ? entry.handOver : undefined)
  // These were of the version with which it left.
  expect([site.failedUpgrade, site.upgradedFrom]).toEqual([undefined, undefined])
})

it('tells the product of a site that comes home its URL here', async () => {
  const { scene, comeHome } = await awayScene('owner', handedOver)
  const { operation: _, ...site } = await comeHome()
  expect(site.urlDue).toBe('hook')
  expect(isPlanChangeDue(site, scene.ports.plans, scene.now())).toBe(true)
})
