import { expect, it } from 'vitest'
import { countCells } from '../../../core/config/count-cells.ts'
import type { CellCount } from '../../../core/ports/site-lists.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { active, operations } from '../site/kept-sites.ts'

it('counts a site on its way to another cell in both, and one that goes back only in its own', async () => {
  const counted: CellCount[] = []
  const target = { cell: 'fast' }
  const operation = { ...operations.upgrade, target }
  const failed = { ...operation, ending: { outcome: 'failed' as const, because: 'LaunchFailed' } }
  const ports = {
    sites: { listByStatus: async function* () {} },
    cells: ['local', 'fast'],
    cellCounts: { write: async (counts: readonly CellCount[]) => void counted.push(...counts) },
    capacityUse: () => [],
    log: recordingLog(),
  }
  const open = [
    active({ cell: 'local' }),
    active({ cell: 'local', operation }),
    active({ cell: 'local', operation: failed }),
  ]
  await countCells(ports, open, [])
  expect(counted).toEqual([
    { cell: 'local', sites: 3, ready: {} },
    { cell: 'fast', sites: 1, ready: {} },
  ])
})
