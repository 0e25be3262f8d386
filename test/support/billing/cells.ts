import { endOperation } from '../../../core/site/change-site.ts'
import { isKept, isLive, type Site } from '../../../core/site/site.ts'
import { archiveSite } from '../../../lambdas/endings/archive-site.ts'
import { rulesOfCell } from '../../../lambdas/releases/cell-rules.ts'
import { type CellRollout, freshCellWalk } from '../../../lambdas/releases/rollout.ts'
import { archiveNumbered } from '../../core/site/kept-sites.ts'
import { commit, finishSwitch, type Going } from './relocations.ts'

const rolloutOf = (cell: string, kind: CellRollout['kind'], now: string): CellRollout => ({
  ...{ schemaVersion: 1, version: 1, events: 1, state: 'running', cell, kind, waves: [], reason: 'A test.' },
  ...{ startedBy: { kind: 'system' }, startedAt: now, triesFrom: now, wave: 0, done: 0, skipped: 0, accepted: 0 },
  ...{ failed: [], held: [], restored: [], chosen: [], samples: [], walk: freshCellWalk },
})

const anySite = (site: Site): site is Site => site !== undefined

/** A suspended site that leaves its cell is archived early: no gate is asked, because nothing is lost. */
const archiveEarly = async (going: Going): Promise<void> => {
  await commit(going, anySite, (site, context) =>
    site.status === 'suspended' && site.operation?.kind === 'archive' && site.operation.early
      ? archiveSite(
          { ...site, operation: site.operation },
          { ...archiveNumbered(site.version), id: site.operation.archiveId, at: going.scene.now() },
          context,
        )
      : undefined,
  )
  const site = going.scene.site(going.id)
  if (site.status === 'archived' && site.operation?.kind === 'archive')
    await going.scene.commit(endOperation(site, 'done', going.scene.context()))
}

/** The cell of a site is drained or lost, and the site leaves it by the rules of that. @returns whether it did. */
export const leaveCell = async (going: Going, kind: CellRollout['kind']): Promise<boolean> => {
  const { scene, id, between } = going
  const site = scene.site(id)
  if (!isKept(site) || site.status === 'archived') return false
  const rules = rulesOfCell(scene.ports, rolloutOf(site.cell, kind, scene.now()))
  const chosen = { siteId: id, at: scene.now() }
  const elsewhere = site.cell === 'fast' ? 'local' : 'fast'
  const before = scene.changes.length
  await commit(going, anySite, (found, context) => rules.begin(found, chosen, context, elsewhere))
  if (scene.changes.length === before) return false
  await between()
  if (isLive(scene.site(id))) await finishSwitch(going)
  else await archiveEarly(going)
  const after = scene.site(id)
  return isKept(after) && (after.cell === elsewhere || after.status === 'archived')
}
