import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boundLog, linesOf, readOn, tailOf } from '../../../adapters/site-runtime/output.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const directory = await directoryForAll()

/** Everything that is read after a position, until nothing new comes. */
const readAll = async (file: string, from: string | undefined) => {
  const lines: string[] = []
  let position = from
  for (;;) {
    const next = await readOn(file, position)
    lines.push(...next.lines)
    if (next.position === position) return { lines, position }
    position = next.position
  }
}

test('lines have no colours and no control characters', () => {
  expect(linesOf('\u001b[31mred\u001b[0m\r\nta\tb\u0007\n')).toEqual(['red', 'ta\tb'])
})

test('a log that moves aside is read on to its end, and then from the new part', async () => {
  const file = join(directory, 'moving.log')
  await appendFile(file, 'one\n')
  const { position } = await readOn(file, undefined)
  await appendFile(file, 'two\n')
  await boundLog(file, 1)
  await appendFile(file, 'three\nfo')
  expect((await readAll(file, position)).lines).toEqual(['two', 'three'])
  expect(await tailOf(file)).toEqual(['one', 'two', 'three', 'fo'])
  // Lines that are written between two checks come with the second.
  expect(await tailOf(file, 6)).toEqual(['one', 'two', 'three'])
})

test('a line is read once it is complete', async () => {
  const file = join(directory, 'slow.log')
  await appendFile(file, 'first\n')
  const { position } = await readOn(file, undefined)
  await appendFile(file, 'sec')
  const part = await readAll(file, position)
  expect(part.lines).toEqual([])
  await appendFile(file, 'ond\n')
  expect((await readAll(file, part.position)).lines).toEqual(['second'])
})

test('many lines come in parts, and a line longer than a part is cut', async () => {
  const file = join(directory, 'long.log')
  const { position } = await readOn(file, undefined)
  const lines = Array.from({ length: 450 }, (_, index) => `line ${index}`)
  await appendFile(file, `${lines.join('\n')}\n`)
  expect((await readOn(file, position)).lines).toEqual(lines.slice(0, 200))
  expect((await readAll(file, position)).lines).toEqual(lines)
  await appendFile(file, `${'x'.repeat(100_000)}\nend\n`)
  expect((await readAll(file, (await readOn(file, undefined)).position)).lines).toEqual([])
  expect((await tailOf(file)).at(-1)).toBe('end')
})

test.each(['', 'x', '1:-5', 'NaN:1'])('the position %j of nobody gives the last lines', async (position) => {
  const file = join(directory, 'nobody.log')
  expect((await readOn(file, position)).lines).toEqual([])
})
