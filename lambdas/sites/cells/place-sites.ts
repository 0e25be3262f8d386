import type { CellCounts } from '../../../core/ports/site-lists.ts'
import { newestArchive, sizeOfData } from '../../../core/site/archive.ts'
import type { KeptSite, Site } from '../../../core/site/site.ts'

export interface CellCapacity {
  readonly name: string
  readonly sites: number
  /** Whether only a relocation that names it brings sites here. */
  readonly isNamed?: boolean
  /** How much its disk can take; absent where disks grow. */
  readonly bytes?: number
}

export interface RoomPorts {
  readonly capacities: readonly CellCapacity[]
  readonly cellCounts: Pick<CellCounts, 'read'>
}

export interface PlacementPorts extends RoomPorts {
  readonly cellCounts: Pick<CellCounts, 'read' | 'add'>
}

/** Whether a site is in one of the cells that are configured. */
export const isIn = ({ capacities }: Pick<RoomPorts, 'capacities'>, { cell }: Pick<Site, 'cell'>): boolean =>
  capacities.some(({ name }) => name === cell)

/** The size of a site's data in its newest archive, in bytes; 0 without one. What is restored stands beside what was copied. */
export const dataOf = ({ archives }: Pick<KeptSite, 'archives'>): number => {
  const newest = newestArchive(archives)
  return newest === undefined ? 0 : sizeOfData(newest)
}

export const takesData = ({ bytes }: { bytes?: number | undefined }, data: number): boolean => data <= (bytes ?? data)

/** The room of each cell, as it was counted last. */
export const readCells = async ({ capacities, cellCounts }: RoomPorts) => {
  const counts = new Map((await cellCounts.read()).map((count) => [count.cell, count]))
  // A cell that was not counted yet is empty.
  return capacities.map(({ name, sites, isNamed = false, bytes }) => {
    const count = counts.get(name)
    const closed = count?.closed
    const room = closed === undefined ? Math.max(0, sites - (count?.sites ?? 0)) : 0
    return { name, sites, isNamed, bytes, room, ready: closed === undefined ? (count?.ready ?? {}) : {}, closed }
  })
}

export interface RoomForOwners {
  /** How many more sites can be built, of any blueprint. */
  readonly free: number
  /** Those of the pool, by blueprint. */
  readonly ready: ReadonlyMap<string, number>
}

/** Returns how many more owners can get a site. */
export const roomForOwners = async (ports: RoomPorts): Promise<RoomForOwners> => {
  const cells = await readCells(ports)
  const ready = new Map<string, number>()
  for (const [name, count] of cells.flatMap((cell) => Object.entries(cell.ready))) {
    ready.set(name, (ready.get(name) ?? 0) + count)
  }
  return { free: cells.reduce((sum, { room, isNamed }) => sum + (isNamed ? 0 : room), 0), ready }
}

/**
 * Takes a place for a site that is restored: in the cell that a relocation brought it to, while that is open, and otherwise as for a new site.
 * Where all are full it returns to its own cell: capacities leave room for that. Undefined without an open cell.
 */
export const placeOfRestored = async (
  ports: PlacementPorts,
  { cell: own, isCellNamed, archives }: Pick<KeptSite, 'cell' | 'isCellNamed' | 'archives'>,
): Promise<string | undefined> => {
  const back = (await readCells(ports)).find(({ name, sites, closed }) => name === own && sites > 0 && !closed)
  if (isCellNamed && back !== undefined) return own
  const cell = await (await readPlaces(ports, dataOf({ archives })))()
  return cell ?? (back !== undefined && !back.isNamed ? own : undefined)
}

/** Returns the cell with the most room, the first of equals, and counts a site for it; undefined if all are full. */
export type TakePlace = () => Promise<string | undefined>

/**
 * Reads the room of each cell. Places that others take meanwhile count as well. A place whose site is then not built is free
 * again with the next count.
 * @param data in bytes, that comes with the site: a disk that cannot take it is left out.
 */
export const readPlaces = async (ports: PlacementPorts, data = 0): Promise<TakePlace> => {
  const cells = (await readCells(ports)).filter((cell) => !cell.isNamed && takesData(cell, data))
  const take: TakePlace = async () => {
    const [roomiest] = cells.toSorted((one, other) => other.room - one.room)
    if (roomiest === undefined || roomiest.room === 0) return undefined
    const hasRoom = await ports.cellCounts.add(roomiest.name, roomiest.sites)
    roomiest.room = hasRoom ? roomiest.room - 1 : 0
    return hasRoom ? roomiest.name : take()
  }
  return take
}
