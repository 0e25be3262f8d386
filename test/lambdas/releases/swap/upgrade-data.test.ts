import { expect, it } from 'vitest'
import { copyData } from '../../../../lambdas/endings/archive-site.ts'
import { failSwap } from '../../../../lambdas/releases/swap/fail-swap.ts'
import { makeWay } from '../../../../lambdas/releases/swap/swap-site.ts'
import { restoreCopy } from '../../../../lambdas/releases/swap/upgrade-data.ts'
import { rolloutScene } from '../rollout-scene.ts'

/** A site whose data is copied for a version that migrates. */
const copied = async () => {
  const scene = await rolloutScene(1, { migrates: true })
  await scene.start()
  await scene.tick()
  const [upgrade] = scene.queue
  if (upgrade === undefined) throw new Error('no upgrade begins')
  const { attempt } = upgrade
  const launch = { siteId: attempt.siteId, cell: 'local', generation: 1 } as Parameters<
    typeof scene.ports.runtime.start
  >[0]
  await makeWay(scene.ports, attempt)
  await scene.ports.runtime.remove({ siteId: attempt.siteId, cell: 'local' })
  await copyData(scene.ports, attempt)
  return { ...scene, attempt, comeBack: () => scene.ports.runtime.start(launch) }
}

const ranMeanwhile = expect.objectContaining({ kind: 'ArchivingFailed' })

it('starts no version on a copy during or after which the former one came back', async () => {
  const { ports, attempt, comeBack, get } = await copied()
  await comeBack()
  await expect(restoreCopy(ports, attempt)).rejects.toEqual(ranMeanwhile)
  await failSwap(ports, attempt, 'ArchivingFailed')
  const site = await get(attempt.siteId, 'active')
  expect([site.operation, site.blueprint.version, site.generation]).toEqual([undefined, 1, 1])
  expect(site.endpoint).toBeDefined()
})

it('looks again once the copy is restored', async () => {
  const { ports, attempt, comeBack, get } = await copied()
  const running = {
    run: async (job: Parameters<typeof ports.archiver.run>[0]) => {
      const state = await ports.archiver.run(job)
      return job.kind === 'restore' ? ({ state: 'running' } as const) : state
    },
  }
  await expect(restoreCopy({ ...ports, archiver: running }, attempt)).rejects.toMatchObject({ kind: 'ArchiveNotReady' })
  await comeBack()
  await expect(restoreCopy(ports, attempt)).rejects.toEqual(ranMeanwhile)
  expect((await get(attempt.siteId, 'active')).operation).not.toHaveProperty('copy.done')
})
