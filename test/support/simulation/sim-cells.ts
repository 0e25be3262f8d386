import { SitewrightError } from '../../../core/errors.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { homeCell } from '../../../core/site/location.ts'

/** Only relocations bring sites there. */
export const otherCell = 'fast'
/** New sites are placed here, too. */
export const largeCell = 'large'

const all = [homeCell, largeCell, otherCell]

/** The cells of a host whose disks come and go. The one in its home is always there. */
export interface SimCells {
  /** Changed in place, as those of a host are. */
  readonly names: string[]
  readonly capacities: { readonly name: string; readonly sites: number; readonly isNamed: boolean }[]
  readonly isAway: (cell: string) => boolean
  readonly takeAway: (cell: string) => void
  readonly bringBack: (cell: string) => void
  /** A disk that was declared lost is taken for away, also if it is there. @throws {SitewrightError} `RuntimeUnavailable`. */
  readonly requireThere: (cell: string) => Promise<void>
}

/** A suspended site of a lost cell becomes an archived one, without a workflow. */
export const isArchivedAsLost = ({ before, after }: SiteChange): boolean =>
  before?.status === 'suspended' && after.status === 'archived' && after.operation === undefined

/** Whether a suspended site is archived because its cell is drained or lost: nothing is taken from its owner. */
export const leavesCell = (change: SiteChange): boolean => {
  const { before, after } = change
  const isEarly = before?.status === 'suspended' && before.operation?.kind === 'archive' && before.operation.early
  return isArchivedAsLost(change) || (isEarly === true && after.status === 'archived')
}

/** @param isLost whether a cell was declared lost. */
export const createSimCells = (isLost: (cell: string) => Promise<boolean> = async () => false): SimCells => {
  const away = new Set<string>()
  const names: string[] = []
  const capacities: SimCells['capacities'] = []
  const refill = (): void => {
    const there = all.filter((cell) => !away.has(cell))
    names.splice(0, names.length, ...there)
    capacities.splice(
      0,
      capacities.length,
      ...there.map((name) => ({ name, sites: 1_000_000, isNamed: name === otherCell })),
    )
  }
  refill()
  return {
    names,
    capacities,
    isAway: (cell) => away.has(cell),
    takeAway: (cell) => {
      away.add(cell)
      refill()
    },
    bringBack: (cell) => {
      away.delete(cell)
      refill()
    },
    requireThere: async (cell) => {
      if (cell === homeCell || !(away.has(cell) || (await isLost(cell)))) return
      throw new SitewrightError('RuntimeUnavailable', `The disk of the cell '${cell}' is not mounted.`)
    },
  }
}
