import { expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { isAwaited, startOrder, startsAfter } from '../../../core/blueprint/start-order.ts'

const blueprint = (after: Readonly<Record<string, readonly string[] | undefined>>, traffic = 'web') =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: Object.entries(after).map(([name, names]) => ({
        name,
        image: 'x:1',
        after: names,
        health: { command: ['true'] },
      })),
      traffic: { container: traffic },
      data: { mode: 'exclusive' },
    },
    'shop.yaml',
  )
const namesOf = (...parameters: Parameters<typeof blueprint>) =>
  startOrder(blueprint(...parameters)).map(({ name }) => name)

it('is the traffic container first where the blueprint states no order', () => {
  const plain = blueprint({ queue: undefined, web: undefined, cache: undefined })
  expect(startOrder(plain).map(({ name }) => name)).toEqual(['web', 'queue', 'cache'])
  expect(plain.containers.map((container) => startsAfter(plain, container))).toEqual([['web'], [], ['web']])
  expect(plain.containers.map((container) => isAwaited(plain, container))).toEqual([false, true, false])
})

it('keeps what the blueprint says, and otherwise its sequence', () => {
  expect(namesOf({ web: ['db', 'cache'], cache: undefined, db: ['cache'] })).toEqual(['cache', 'db', 'web'])
  expect(namesOf({ web: undefined, worker: ['web'], cache: undefined })).toEqual(['web', 'worker', 'cache'])
})
