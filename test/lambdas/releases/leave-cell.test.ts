import { describe, expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Archive } from '../../../core/site/archive.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { archiveDueSite, releaseData, verifyCopy } from '../../../lambdas/endings/archive-site.ts'
import { copyData } from '../../../lambdas/endings/copy/take-copy.ts'
import { finishOperation, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { actOnRollout, type RolloutAct } from '../../../lambdas/releases/control-rollout.ts'
import { type DrainRequest, declareLost, drainCell } from '../../../lambdas/releases/leave-cell.ts'
import { readPlaces } from '../../../lambdas/sites/cells/place-sites.ts'
import { attemptAt } from '../../support/reclaim-scene.ts'
import { rolloutScene } from './rollout-scene.ts'

/** Sites in the cell `fast` that leave it for `local`. */
const cellScene = async (sites: number, facts: (index: number) => Partial<ActiveSite> = () => ({})) => {
  const scene = await rolloutScene(0)
  const inFast: SiteId[] = []
  for (let index = 0; index < sites; index += 1) {
    inFast.push((await scene.open({ cell: 'fast', ...facts(index) })).id)
  }
  const request = (operatorId: string): DrainRequest & { readonly operatorId: string } => ({
    cell: 'fast',
    reason: 'Its disk is old.',
    actor: scene.operator(operatorId),
    operatorId,
    causationId: 'req_test',
    waves: [],
  })
  const record = async () => {
    const found = await scene.ports.rollouts.readOfCell('fast')
    if (found === undefined) throw new Error('there is no roll-out')
    return found
  }
  const archiveEarly = async (): Promise<void> => {
    for (const id of inFast) {
      const site = await scene.ports.sites.get(id)
      if (site?.status !== 'suspended' || site.operation?.kind !== 'archive') continue
      const attempt = attemptAt(site)
      await copyData(scene.ports, attempt)
      await verifyCopy(scene.ports, attempt)
      await archiveDueSite(scene.ports, attempt)
      await releaseData(scene.ports, attempt)
      await finishOperation(scene.ports, attempt)
    }
  }
  return {
    ...scene,
    inFast,
    record,
    drain: (more: Partial<DrainRequest> = {}) => drainCell(scene.ports, { ...request('ada'), ...more }),
    declare: (operatorId: string) => declareLost(scene.ports, request(operatorId)),
    actOnCell: (act: RolloutAct) => actOnRollout(scene.ports, { ...request('ada'), blueprint: 'cell:fast', act }),
    end: async () => {
      do {
        await scene.settle()
        await archiveEarly()
        await scene.tick()
      } while (scene.queue.length > 0)
    },
    archive: async (id: SiteId, daysAgo: number): Promise<Archive> => {
      const at = plusDays(scene.now(), -daysAgo)
      const archiveId = `arc_${id.slice(5)}` as const
      const place = { siteId: id, cell: 'fast' }
      await scene.ports.runtime.remove(place)
      await scene.outside.archiver.run({
        kind: 'copy',
        id: `copy-${id}`,
        siteId: id,
        home: { ...place, generation: 1 },
        archiveId,
        blueprint: { name: 'welcome', version: 1 },
        at,
      })
      return { id: archiveId, at, kind: 'owner', bytes: 1, files: 1, blueprint: { name: 'welcome', version: 1 } }
    },
    cells: () => Promise.all(inFast.map(async (id) => (await scene.ports.sites.get(id))?.cell)),
  }
}

describe('a drain', () => {
  it('moves the sites of a cell with their data, in waves, and takes nothing new', async () => {
    const scene = await cellScene(6)
    await scene.sleep(scene.inFast[3]!)
    await scene.drain({ waves: [{ sites: 1 }] })
    const take = await readPlaces(scene.ports)
    expect(await Promise.all([take(), take()])).toEqual(['local', 'local'])
    await scene.tick()
    expect((await scene.record()).chosen).toHaveLength(1)
    await scene.end()
    expect(await scene.cells()).toEqual(Array(6).fill('local'))
    expect(await scene.record()).toMatchObject({ state: 'finished', total: 6, done: 6, failed: [], held: [] })
    expect((await scene.ports.cellCounts.read()).find(({ cell }) => cell === 'fast')?.closed).toBe('empty')
    expect(scene.outside.violations).toEqual([])
  })

  it('archives suspended sites early, with the date of their purge', async () => {
    const scene = await cellScene(1)
    const [id] = scene.inFast as [SiteId]
    await scene.commit(suspendSite(await scene.get(id, 'active'), { because: 'operator' }, { ...scene.context() }))
    await finishOperation(scene.ports, attemptAt(await scene.get(id, 'suspended')))
    await scene.ports.runtime.remove({ siteId: id, cell: 'fast' })
    const { nextDestructiveStep } = await import('../../../core/site/next-step.ts')
    const policy = scene.ports.policies.find(1)
    const due = nextDestructiveStep(await scene.get(id, 'suspended'), policy)
    await scene.drain()
    await scene.end()
    const archived = await scene.get(id, 'archived')
    expect(nextDestructiveStep(archived, policy)).toEqual({
      step: 'purge',
      dueAt: plusDays(due?.dueAt ?? '', policy.retentionDays),
    })
    expect((await scene.record()).state).toBe('finished')
  })
})
