import { expect, it } from 'vitest'
import type { Act } from '../../../core/site/change-site.ts'
import { exportSite } from '../../../lambdas/bundles/export-site.ts'
import { copyData, verifyCopy } from '../../../lambdas/endings/archive-site.ts'
import { pauseSite, recordOwnerCopy, startPaused, unpauseSite } from '../../../lambdas/endings/copy/take-copy.ts'
import { stopSite } from '../../../lambdas/endings/end-site.ts'
import { failOperation } from '../../../lambdas/endings/fail-operation.ts'
import { attemptAt, reclaimScene } from '../../support/reclaim-scene.ts'

const minute = 1 / (24 * 60)

it('stops a site for one copy that fails, and for another one after ten minutes', async () => {
  const scene = await reclaimScene()
  // Something else was put off, which says nothing about copies.
  const { id } = await scene.open({ reprievedUntil: scene.now() })
  const accounts = { getOwner: async () => ({ email: 'ada@example.com' }) }
  const ports = { ...scene.ports, accounts, domains: { listBySite: async () => [] } }
  const actor = { kind: 'operator', operatorId: 'ada', role: 'admin' } as const
  const act: Act = { siteId: id, actor, causationId: 'req_test' }
  const ask = () => exportSite(ports as never, act)
  const copying = async () => (await scene.get(id, 'active')).operation?.kind

  for (const _ of [1, 2]) expect((await ask()).site).toBeNull()
  await failOperation(ports, attemptAt(await scene.get(id, 'active')), 'ArchivingFailed')
  for (const pass of [0, 9]) {
    scene.pass(pass * minute)
    await expect(ask()).rejects.toThrow('The last copy of this site failed: ArchivingFailed.')
    expect(await copying()).toBeUndefined()
  }
  scene.pass(minute)
  expect((await ask()).site).toBeNull()
  expect(await copying()).toBe('copy')

  const attempt = attemptAt(await scene.get(id, 'active'))
  const tasks = [pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy, recordOwnerCopy]
  for (const task of tasks) await task(ports, attempt)
  const { archives, copying: known } = await scene.get(id, 'active')
  expect(known).not.toHaveProperty('failed')
  expect((await ask()).site?.archive).toEqual(archives[0])
})
