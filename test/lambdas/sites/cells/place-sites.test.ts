import { expect, it } from 'vitest'
import { readPlaces, roomForOwners } from '../../../../lambdas/sites/cells/place-sites.ts'

type Counts = Readonly<Record<string, readonly [sites: number, ready: number]>>

const portsOf = (capacities: Readonly<Record<string, number>>, counts: Counts = {}) => {
  /** As they are now; those that are read may be older. */
  const now = new Map(Object.entries(counts).map(([cell, [sites]]) => [cell, sites]))
  return {
    capacities: Object.entries(capacities).map(([name, sites]) => ({ name, sites })),
    cellCounts: {
      read: async () =>
        Object.entries(counts).map(([cell, [sites, ready]]) => ({ cell, sites, ready: { welcome: ready } })),
      add: async (cell: string, max: number) => {
        const sites = now.get(cell) ?? 0
        if (sites >= max) return false
        now.set(cell, sites + 1)
        return true
      },
    },
  }
}

const placed = async (ports: ReturnType<typeof portsOf>, times: number) => {
  const takePlace = await readPlaces(ports)
  const cells: (string | undefined)[] = []
  for (let time = 0; time < times; time += 1) cells.push(await takePlace())
  return cells
}

it('takes the cell with the most room, the first of equals', async () => {
  expect(await placed(portsOf({ a: 10, b: 10 }, { a: [4, 0], b: [2, 0] }), 1)).toEqual(['b'])
  expect(await placed(portsOf({ a: 10, b: 20 }, { a: [1, 0], b: [12, 0] }), 1)).toEqual(['a'])
  expect(await placed(portsOf({ a: 10, b: 10 }, { a: [4, 0], b: [4, 0] }), 1)).toEqual(['a'])
})

it('leaves out a cell whose disk cannot take the data that comes along', async () => {
  const ports = portsOf({ a: 10, b: 10 }, { b: [4, 0] })
  const capacities = ports.capacities.map((one) => ({ ...one, bytes: one.name === 'a' ? 10 : 20 }))
  const place = async (data: number) => (await readPlaces({ ...ports, capacities }, data))()
  expect(await Promise.all([10, 11, 20, 21].map(place))).toEqual(['a', 'b', 'b', undefined])
})

it('counts what it has placed', async () => {
  expect(await placed(portsOf({ a: 3, b: 2 }), 6)).toEqual(['a', 'a', 'b', 'a', 'b', undefined])
})

it('skips a full cell, also one with more sites than its capacity', async () => {
  expect(await placed(portsOf({ a: 10, b: 1 }, { a: [12, 3] }), 2)).toEqual(['b', undefined])
})

it('ignores the counts of a cell that takes no new sites, and takes an uncounted one as empty', async () => {
  expect(await roomForOwners(portsOf({ b: 5 }, { a: [3, 3] }))).toEqual({ free: 5, ready: new Map() })
})

it('has room for owners in the pool and in the cells', async () => {
  const ports = portsOf({ a: 10, b: 5 }, { a: [9, 4], b: [7, 2] })
  expect(await roomForOwners(ports)).toEqual({ free: 1, ready: new Map([['welcome', 6]]) })
})

it('overfills no cell when many sites are placed by the same old counts', async () => {
  const ports = portsOf({ a: 3, b: 2 }, { a: [1, 0] })
  const cells = await Promise.all(Array.from({ length: 9 }, async () => (await readPlaces(ports))()))
  expect(cells.filter((cell) => cell === 'a')).toHaveLength(2)
  expect(cells.filter((cell) => cell === 'b')).toHaveLength(2)
  expect(cells.filter((cell) => cell === undefined)).toHaveLength(5)
})
