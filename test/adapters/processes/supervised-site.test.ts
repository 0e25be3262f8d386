import { writeSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { boundLog, withLogFile } from '../../../adapters/site-runtime/output.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const directory = await directoryForAll()

test('a log within its limit is left alone', async () => {
  const file = join(directory, 'short.log')
  await writeFile(file, 'twelve bytes')
  await boundLog(file, 12)
  expect(await readFile(file, 'utf8')).toBe('twelve bytes')
})

test('what exceeds the limit moves aside, and what is written through an open file comes after', async () => {
  const file = join(directory, 'logs', 'long.log')
  await withLogFile(file, async (descriptor) => {
    writeSync(descriptor, 'before')
    await boundLog(file, 5)
    writeSync(descriptor, 'after')
  })
  expect(await readFile(file, 'utf8')).toBe('after')
  expect(await readFile(`${file}.1`, 'utf8')).toBe('before')
})

test('a log that is not there needs nothing', async () => {
  await expect(boundLog(join(directory, 'none.log'), 1)).resolves.toBeUndefined()
})
