import type { CellCounts } from '../ports/site-lists.ts'

/** A cell and how many sites it may run. */
export interface CellCapacity {
  readonly name: string
  readonly sites: number
}

export interface PlacementPorts {
  readonly capacities: readonly CellCapacity[]
  readonly cellCounts: Pick<CellCounts, 'read'>
}

export interface CellRoom {
  /** How many more owners can get a site, including those of the pool. */
  readonly forOwners: number
  /** Returns the cell with the most room, the first of equals, and counts a site for it; undefined if all are full. */
  readonly take: () => string | undefined
}

/**
 * Reads the room of each cell. Counts are up to a minute old, so concurrent builds can put a few sites more into a cell than its
 * capacity, which is below AWS's limits. A cell that was not counted yet is empty.
 */
export const readCellRoom = async ({ capacities, cellCounts }: PlacementPorts): Promise<CellRoom> => {
  const counts = new Map((await cellCounts.read()).map((count) => [count.cell, count]))
  const cells = capacities.map(({ name, sites }) => {
    const count = counts.get(name)
    return { name, room: Math.max(0, sites - (count?.sites ?? 0)), ready: count?.ready ?? 0 }
  })
  return {
    forOwners: cells.reduce((sum, { room, ready }) => sum + room + ready, 0),
    take: () => {
      const roomiest = cells.reduce((best, cell) => (cell.room > best.room ? cell : best), { name: '', room: 0 })
      if (roomiest.room === 0) return undefined
      roomiest.room -= 1
      return roomiest.name
    },
  }
}
