import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { functions, tasksOf } from '../../lambdas/manifest.ts'
import { happyPath, happyTasks } from './priced-stage.ts'

const machine = (states: Record<string, object>) => JSON.stringify({ StartAt: 'A', States: states })

it('follows Next to the end and leaves out what only a failure causes', () => {
  const definition = machine({
    A: { Type: 'Task', Next: 'B', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Sorry' }] },
    Sorry: { Type: 'Fail' },
    B: { Type: 'Task', End: true },
  })
  expect(happyPath(definition)).toEqual(['A', 'B'])
})

it('refuses a path that leads nowhere or round in circles', () => {
  expect(() => happyPath(machine({ A: { Next: 'B' } }))).toThrow('has no end at B')
  expect(() => happyPath(machine({ A: { Next: 'A' } }))).toThrow('has no end at A')
})

it('passes through tasks of the manifest when a site is built', () => {
  const file = new URL('../../statemachines/provision-site.asl.json', import.meta.url)
  const states = functions.flatMap(tasksOf).map(({ task }) => task)
  const path = happyTasks(readFileSync(file, 'utf8'))
  expect(states).toEqual(expect.arrayContaining([...path]))
  expect(path.at(-1)).toBe('OpenSite')
})
