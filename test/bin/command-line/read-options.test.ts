import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { readOptions } from '../../../bin/command-line/read-options.ts'

const schema = z.object({
  people: z.coerce.number().int().min(1).default(200),
  only: z.array(z.enum(['router', 'claims'])).default([]),
})
const read = (...given: readonly string[]) => {
  process.argv = [...argv.slice(0, 2), ...given]
  return readOptions(schema, 'how to use it')
}

const argv = process.argv
const print = vi.fn<(text: string) => void>()
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(print)
})
afterEach(() => {
  process.argv = argv
  vi.restoreAllMocks()
})

it('options are those of the schema, and its defaults where none are given', () => {
  expect(read()).toEqual({ people: 200, only: [] })
  expect(read('--people', '3', '--only', 'router', '--only', 'claims')).toEqual({
    people: 3,
    only: ['router', 'claims'],
  })
})

it.each([['--help'], ['-h']])('%s prints the usage and ignores the rest', (help) => {
  expect(read(help)).toBeUndefined()
  expect(print).toHaveBeenLastCalledWith('how to use it')
})

it('a wrong value is named, with the usage', () => {
  expect(() => read('--people', 'many')).toThrow(/people[\s\S]*how to use it/)
})

it('an unknown option is refused', () => {
  expect(() => read('--crowds', '3')).toThrow(/crowds/)
})
