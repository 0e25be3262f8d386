import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { endOfHost } from '../e2e/end-of-host.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'

const homeId = randomBytes(8).toString('hex')
const identity = (formatVersion: number) =>
  JSON.stringify({ formatVersion, homeId, createdAt: '2026-01-01T00:00:00.000Z' })

const start = async (home: string) =>
  endOfHost({ SITEWRIGHT_HOME: home, SITEWRIGHT_POOL_SIZE: '0', PORT: String(await findFreePort()) })

test('a home that is a file is refused, and left as it is', async () => {
  await using directory = await temporaryDirectory()
  const home = join(directory.path, 'home')
  await writeFile(home, 'letters')
  expect(await start(home)).toEqual({
    code: 1,
    output: `Sitewright cannot start: ${home} must be a directory, but it or its parent is a file; move the file away, or set SITEWRIGHT_HOME to another directory.\n`,
  })
  expect(await readFile(home, 'utf8')).toBe('letters')
})

test.each([
  [0, 'an older'],
  [2, 'a newer'],
])('a home of format %i was written by %s Sitewright, and is left as it is', async (format, age) => {
  await using home = await temporaryDirectory()
  const file = join(home.path, 'home.json')
  await writeFile(file, identity(format))
  await mkdir(join(home.path, 'database'))
  expect(await start(home.path)).toEqual({
    code: 1,
    output: `Sitewright cannot start: ${home.path} was written by ${age} Sitewright (format ${format}; this one knows 1). Start that version again, or set SITEWRIGHT_HOME to another directory.\n`,
  })
  expect(await readFile(file, 'utf8')).toBe(identity(format))
})

test('a home whose secrets are damaged is refused, and shows none of them', async () => {
  await using home = await temporaryDirectory()
  await writeFile(join(home.path, 'home.json'), identity(1))
  await writeFile(join(home.path, 'secrets.json'), '{"schemaVersion":1,"codePepper":"half-a-secret')
  expect(await start(home.path)).toEqual({
    code: 1,
    output: `Sitewright cannot start: ${join(home.path, 'secrets.json')} is damaged. Put it back from a backup, or set SITEWRIGHT_HOME to another directory to start with an empty home.\n`,
  })
})
