import type { Log } from '../../core/ports/context.ts'
import type { CellCounts } from '../../core/ports/site-lists.ts'
import type { Site } from '../../core/site/site.ts'
import { mayRunIn } from '../../core/site/site-facts.ts'
import { type LeaveCellsPorts, leaveCells } from '../../lambdas/sites/run/reconcile-sites.ts'
import type { CellDisks } from './cell-disks.ts'

const withData = ['building', 'ready', 'active', 'asleep', 'suspended', 'archived'] as const

/** What is archived has its data elsewhere, unless it is being restored. */
const mayHaveDataIn = (site: Site, cell: string): boolean =>
  mayRunIn(site, cell) && (site.status !== 'archived' || site.operation !== undefined)

/** Forgets the cells that the settings no longer have, unless sites are in them. */
const forgetMissing = async (
  { missing, forgetMissing: forget }: Pick<CellDisks, 'missing' | 'forgetMissing'>,
  sites: LeaveCellsPorts['sites'],
): Promise<void> => {
  const used = new Set<string>()
  for (const status of missing.length === 0 ? [] : withData) {
    for await (const site of sites.listByStatus(status)) {
      for (const cell of missing) if (mayHaveDataIn(site, cell)) used.add(cell)
    }
  }
  await forget((cell) => used.has(cell))
}

/** How often the host looks for cells that were declared lost, or no longer are. */
const lostMilliseconds = 1000

/**
 * Forgets cells that are no longer used. Stops the sites whose disk is gone, and drops their addresses, at which other sites may listen next. Starts them again when it is back.
 * @param sweep starts what should run.
 * @returns a function that no longer looks for cells that were declared lost.
 */
export const followDisks = async (
  cells: CellDisks,
  ports: LeaveCellsPorts & { readonly log: Pick<Log, 'warn'>; readonly cellCounts: Pick<CellCounts, 'read'> },
  sweep: () => Promise<unknown>,
): Promise<() => void> => {
  const { randomness, log } = ports
  await forgetMissing(cells, ports.sites)
  const leave = (): Promise<void> => leaveCells(ports, (cell) => !cells.isThere(cell), randomness.id('evt'))
  const leaveAll = (): Promise<void> =>
    leave().catch((err: unknown) => log.warn({ err }, 'sites of a disk that is not mounted could not be stopped'))
  cells.onChange(async (cell) => (cell.isThere() ? sweep() : leaveAll()))
  const readLost = async (): Promise<void> => {
    const counts = await ports.cellCounts.read()
    cells.forsake(counts.flatMap(({ cell, closed }) => (closed === 'lost' ? [cell] : [])))
    for (const { check } of cells.all) await check()
  }
  if (cells.all.length > 1) await readLost()
  if (cells.all.some(({ isThere }) => !isThere())) await leaveAll()
  // The home's own cell cannot be lost.
  const checks = setInterval(() => cells.all.length > 1 && readLost().catch(() => undefined), lostMilliseconds)
  checks.unref()
  return () => clearInterval(checks)
}
