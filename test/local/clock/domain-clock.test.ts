import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { openDomainClock } from '../../../local/clock/domain-clock.ts'
import { StartUpError } from '../../../local/home/start-up-error.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'

const start = '2026-03-01T12:00:00.000Z'

/** A home, and a wall clock that is moved by hand. */
const openHome = async () => {
  const directory = await temporaryDirectory()
  let wall = start
  return {
    directory: directory.path,
    file: join(directory.path, 'clock.json'),
    set: (instant: string) => {
      wall = instant
    },
    open: () => openDomainClock({ directory: directory.path }, () => wall),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

it('goes with the wall clock until it is turned, and leaves no file then', async () => {
  await using home = await openHome()
  const clock = await home.open()
  home.set(plusDays(start, 1))
  expect(clock.now()).toBe(plusDays(start, 1))
  expect(clock.isTurned()).toBe(false)
  expect(await readdir(home.directory)).toEqual([])
})

it('is ahead of the wall clock by its advance, and runs with it', async () => {
  await using home = await openHome()
  const clock = await home.open()
  await clock.turnTo(plusDays(start, 14))
  expect(clock.now()).toBe(plusDays(start, 14))
  home.set(plusMilliseconds(start, 1500))
  expect(clock.now()).toBe(plusMilliseconds(plusDays(start, 14), 1500))
})

it('keeps its offset over a restart, and over a second turn', async () => {
  await using home = await openHome()
  await (await home.open()).turnTo(plusDays(start, 14))
  const again = await home.open()
  expect(again.now()).toBe(plusDays(start, 14))
  await again.turnTo(plusDays(start, 15))
  expect((await home.open()).now()).toBe(plusDays(start, 15))
})

it('is never turned back', async () => {
  await using home = await openHome()
  const clock = await home.open()
  await clock.turnTo(plusDays(start, 14))
  await clock.turnTo(plusDays(start, 3))
  expect(clock.now()).toBe(plusDays(start, 14))
})

it('knows over a restart that it was being turned', async () => {
  await using home = await openHome()
  const clock = await home.open()
  await clock.beginTurn()
  await clock.turnTo(plusDays(start, 14))
  expect(clock.isTurned()).toBe(true)
  const again = await home.open()
  expect(again.isTurned()).toBe(true)
  await again.endTurn()
  const last = await home.open()
  expect([last.isTurned(), last.now()]).toEqual([false, plusDays(start, 14)])
})

it.each(['', '{', '{"schemaVersion":1}', '{"schemaVersion":1,"offsetMilliseconds":-5,"isTurning":false}'])(
  'does not start from a file that holds %j, and says what to do',
  async (content) => {
    await using home = await openHome()
    await writeFile(home.file, content)
    const opening = home.open()
    await expect(opening).rejects.toThrow(StartUpError)
    await expect(opening).rejects.toThrow(/clock\.json is damaged.*backup.*remove it/s)
    expect(await readFile(home.file, 'utf8')).toBe(content)
  },
)
