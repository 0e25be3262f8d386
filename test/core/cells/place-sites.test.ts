import { expect, it } from 'vitest'
import { readCellRoom } from '../../../core/cells/place-sites.ts'

const roomOf = (
  capacities: Readonly<Record<string, number>>,
  counts: Readonly<Record<string, readonly [sites: number, ready: number]>> = {},
) =>
  readCellRoom({
    capacities: Object.entries(capacities).map(([name, sites]) => ({ name, sites })),
    cellCounts: {
      read: async () => Object.entries(counts).map(([cell, [sites, ready]]) => ({ cell, sites, ready })),
    },
  })

const placed = async (room: ReturnType<typeof roomOf>, times: number) => {
  const { take } = await room
  return Array.from({ length: times }, take)
}

it('takes the cell with the most room, the first of equals', async () => {
  expect(await placed(roomOf({ a: 10, b: 10 }, { a: [4, 0], b: [2, 0] }), 1)).toEqual(['b'])
  expect(await placed(roomOf({ a: 10, b: 20 }, { a: [1, 0], b: [12, 0] }), 1)).toEqual(['a'])
  expect(await placed(roomOf({ a: 10, b: 10 }, { a: [4, 0], b: [4, 0] }), 1)).toEqual(['a'])
})

it('counts what it has placed', async () => {
  expect(await placed(roomOf({ a: 3, b: 2 }), 6)).toEqual(['a', 'a', 'b', 'a', 'b', undefined])
})

it('skips a full cell, also one with more sites than its capacity', async () => {
  expect(await placed(roomOf({ a: 10, b: 1 }, { a: [12, 3] }), 2)).toEqual(['b', undefined])
})

it('ignores the counts of a cell that takes no new sites, and takes an uncounted one as empty', async () => {
  const room = roomOf({ b: 5 }, { a: [3, 3] })
  expect((await room).forOwners).toBe(5)
})

it('has room for owners in the pool and in the cells', async () => {
  expect((await roomOf({ a: 10, b: 5 }, { a: [9, 4], b: [7, 2] })).forOwners).toBe(7)
})
