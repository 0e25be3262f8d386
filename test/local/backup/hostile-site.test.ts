import {
  lutimes,
  mkdir,
  mkdtempDisposable,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ArchiveEntry } from '../../../adapters/archiver/manifest-entry.ts'
import { openFirstNames, packDirectory } from '../../../adapters/archiver/pack-directory.ts'
import { hasCode } from '../../../adapters/durable-files/replace-file.ts'
import { clearDirectory, measureDirectory } from '../../../adapters/files/clear-directory.ts'
import { createDirectoryMeter, createSiteStorage, type DirectoryStorage } from '../../../adapters/files/site-storage.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import { copySiteData, requireRoom } from '../../../local/backup/copy-site-data.ts'
import { canaryBytes, openCanary, swapEntries } from '../../attacks/hostile-site.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { canTestOnLinux } from '../../support/can-test.ts'

/** `npm run races` asks for forty. */
const rounds = Number(process.env['SITEWRIGHT_RACES'] ?? 4)
const at = new Date('2026-03-01T00:00:00Z')
const secret = 'secret of root\n'
const kinds = ['file', 'link to file', 'directory', 'link to directory', 'nothing'] as const
type Kind = (typeof kinds)[number]
const pairs = kinds.flatMap((before) => kinds.map((after) => [before, after] as const))

/** Whatever it is, it has the length and time of the secret where it can. */
const put = async (path: string, kind: Kind, outside: string) => {
  if (kind === 'file') await writeFile(path, 'x'.repeat(secret.length))
  if (kind === 'link to file') await symlink(join(outside, 'secret'), path)
  if (kind === 'link to directory') await symlink(outside, path)
  if (kind === 'directory') {
    await mkdir(path)
    await writeFile(join(path, 'secret'), 'x'.repeat(secret.length))
    await utimes(join(path, 'secret'), at, at)
  }
  if (kind === 'file' || kind === 'directory') await utimes(path, at, at)
}

const openScene = async () => {
  const place = await temporaryDirectory()
  const outside = join(place.path, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'secret'), secret, { mode: 0o600 })
  await utimes(join(outside, 'secret'), at, at)
  return { ...place, path: place.path, outside, site: join(place.path, 'site'), copy: join(place.path, 'copy') }
}

const canaryOf = async (outside: string) => {
  const { mode, uid, gid, nlink } = await stat(join(outside, 'secret'))
  return { text: await readFile(join(outside, 'secret'), 'utf8'), mode, uid, gid, nlink, names: await readdir(outside) }
}

const textsIn = async (directory: string) => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))
}

const linux = canTestOnLinux('the backup of a hostile site')

it.skipIf(!linux).each(pairs)(
  'a copy neither reads nor writes through what a site swaps between the passes: %s, %s',
  async (before, after) => {
    await using scene = await openScene()
    await mkdir(scene.site)
    await put(join(scene.site, 'entry'), before, scene.outside)
    await mkdir(join(scene.site, 'aside'))
    await put(join(scene.site, 'aside', 'entry'), after, scene.outside)
    const canary = await canaryOf(scene.outside)
    const swap = async () => {
      await rename(join(scene.site, 'entry'), join(scene.site, 'old')).catch(() => undefined)
      await rename(join(scene.site, 'aside', 'entry'), join(scene.site, 'entry')).catch(() => undefined)
      return async () => {}
    }
    const options = { firstStartedAt: 0n, directories: new Map<bigint, string>() }
    await copySiteData(scene.site, scene.copy, swap, options, new AbortController().signal)
    expect(await canaryOf(scene.outside)).toEqual(canary)
    expect(await textsIn(scene.copy)).not.toContain(secret)
    expect((await readdir(scene.copy)).toSorted()).toEqual((await readdir(scene.site)).toSorted())
  },
)

/** Waits until a change has a later time than all before it. */
const untilClockMoves = async (directory: string) => {
  const probe = join(directory, 'probe')
  const now = async () => {
    await writeFile(probe, '')
    return (await stat(probe, { bigint: true })).ctimeNs
  }
  const before = await now()
  while ((await now()) === before) await turn()
}

it.skipIf(!linux).each(pairs)(
  'swapped directories whose entries have one size and time: the copy has what is there: %s, %s',
  async (before, after) => {
    await using scene = await openScene()
    const of = (...names: readonly string[]) => join(scene.site, ...names)
    const { length } = join(scene.outside, 'secret')
    for (const [name, kind] of [
      ['a', before],
      ['b', after],
    ] as const) {
      await mkdir(of(name), { recursive: true })
      await put(of(name, 'entry'), kind, scene.outside)
      if (kind === 'file') await writeFile(of(name, 'entry'), name.repeat(length))
      if (kind !== 'nothing') await lutimes(of(name, 'entry'), at, at)
    }
    // Older, so that a copy by time replaces it.
    await utimes(join(scene.outside, 'secret'), 1, 1)
    await untilClockMoves(scene.path)
    const canary = await canaryOf(scene.outside)
    const swap = async () => {
      await rename(of('a'), of('c'))
      await rename(of('b'), of('a'))
      return async () => {}
    }
    const options = { firstStartedAt: 0n, directories: new Map<bigint, string>() }
    await copySiteData(scene.site, scene.copy, swap, options, new AbortController().signal)
    expect(await canaryOf(scene.outside)).toEqual(canary)
    const texts = await textsIn(scene.copy)
    expect(texts).not.toContain(secret)
    expect(texts.toSorted()).toEqual((await textsIn(scene.site)).toSorted())
    if (after === 'file') expect(await readFile(join(scene.copy, 'a', 'entry'), 'utf8')).toBe('b'.repeat(length))
  },
)

/** Walks meet what has changed, and removals find something new in a directory that they have emptied. */
const unlessDisturbed = async (work: () => Promise<unknown>) => {
  await work().catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'EINVAL', 'ENXIO', 'ENOTEMPTY')) throw error
  })
}

const unlessChanged = (error: unknown) => {
  if (!isErrorOfKind(error, 'ArchivingFailed')) throw error
}

const home = { siteId: 'site_01jq3v5k8m0000000000000001', cell: 'local', generation: 1 } as const
const user = 65_534
interface Walked {
  readonly root: string
  readonly site: string
  readonly storage: DirectoryStorage
  readonly check: (text: string) => void
  readonly mutator: Awaited<ReturnType<typeof swapEntries>>
  /** How many walks came before. */
  readonly number: number
}
const { signal } = new AbortController()

const walks: Readonly<Record<string, (walked: Walked) => Promise<unknown>>> = {
  copy: async ({ root, site, check }) => {
    const copy = join(root, 'copy')
    const options = { firstStartedAt: 0n, directories: new Map<bigint, string>() }
    await copySiteData(site, copy, async () => async () => {}, options, signal)
    for (const text of await textsIn(copy)) check(text)
  },
  'room check': async ({ root, site }) => {
    await requireRoom({ databases: [], data: [site] }, root, undefined, signal)
    await unlessDisturbed(async () => expect((await measureDirectory(site)).bytes).toBeLessThan(canaryBytes))
  },
  meter: async ({ site }) =>
    expect(await createDirectoryMeter({ directoryOf: () => site }).measure(home)).toBeLessThan(canaryBytes),
  'hand-over': ({ storage }) => storage.handOver(home),
  clear: ({ site }) => unlessDisturbed(() => clearDirectory(site)),
  // Once a directory has changed, a pack is refused. So the site only swaps while one of its directories is opened, another one each time.
  pack: async ({ root, site, check, mutator, number }) => {
    await using scratch = await mkdtempDisposable(join(root, 'scratch-'))
    let directories = 0
    const add = async ({ path, type }: ArchiveEntry) => {
      if (type !== 'directory' || !/[ab]\d$/.test(path)) return
      directories += 1
      if (directories !== 1 + (number % 12)) return
      mutator.goOn()
      await pause(2)
      mutator.rest()
    }
    const packing = { directory: site, firstNames: await openFirstNames(scratch.path), add }
    const pieces: Buffer[] = []
    const pack = async () => {
      for await (const piece of packDirectory(packing)) pieces.push(Buffer.from(piece))
    }
    mutator.rest()
    await unlessDisturbed(() => pack().catch(unlessChanged))
    mutator.goOn()
    const packed = Buffer.concat(pieces)
    expect(packed.length).toBeLessThan(canaryBytes)
    check(packed.toString('latin1'))
  },
}
// A restore is no such walk. It fills a new directory, into which no process of a site sees until the state machine starts the site.

describe.skipIf(!linux)(
  'while a process of the site swaps directories, files, links and pipes of one size and time',
  () => {
    it.each(Object.keys(walks))('no %s reads or changes what is outside', { timeout: 600_000 }, async (name) => {
      await using place = await temporaryDirectory()
      await using canary = await openCanary()
      // Another group than the entries have, so that each is given.
      const userOf = () => ({ uid: user, gid: user - 1 })
      const storage = createSiteStorage({ root: place.path, userOf })
      const site = storage.directoryOf(home)
      await storage.prepare(home, { uid: user, gid: user })
      await using mutator = await swapEntries(site, canary.file)
      const check = (text: string) => expect(text.includes(canary.content)).toBe(false)
      let swaps = 0
      for (let round = 0; round < rounds; round += 1) {
        swaps = await mutator.fill()
        // Walks that last shorter meet fewer swaps.
        const times = { 'room check': 4, meter: 4, pack: 8 }[name] ?? 1
        for (let time = 0; time < times; time += 1) {
          const number = times * round + time
          await walks[name]?.({ root: place.path, site, storage, check, mutator, number })
        }
        expect(await canary.isAsBefore()).toBe(true)
      }
      expect(swaps).toBeGreaterThan(0)
    })

    it('a site is removed whole once it has stopped', async () => {
      await using place = await temporaryDirectory()
      await using canary = await openCanary()
      const storage = createSiteStorage({ root: place.path, userOf: () => ({ uid: user, gid: user }) })
      await storage.prepare(home)
      const mutator = await swapEntries(storage.directoryOf(home), canary.file)
      await mutator.fill()
      await mutator[Symbol.asyncDispose]()
      await storage.remove(home)
      expect([await readdir(place.path), await canary.isAsBefore()]).toEqual([[], true])
    })
  },
)

it.skipIf(!linux).each(['entry', 'entry/before'])(
  'a pack reads nothing outside where a directory becomes a link behind %s',
  async (last) => {
    await using scene = await openScene()
    await mkdir(scene.site)
    await put(join(scene.site, 'entry'), 'directory', scene.outside)
    await writeFile(join(scene.site, 'entry', 'before'), '')
    const canary = await canaryOf(scene.outside)
    const add = async ({ path }: { readonly path: string }) => {
      if (path !== last) return
      await rename(join(scene.site, 'entry'), join(scene.site, 'old'))
      await put(join(scene.site, 'entry'), 'link to directory', scene.outside)
    }
    const packing = { directory: scene.site, firstNames: await openFirstNames(scene.path), add }
    const pieces: string[] = []
    const pack = async () => {
      for await (const piece of packDirectory(packing)) pieces.push(piece.toString())
    }
    await expect(pack()).rejects.toThrow()
    expect([pieces.join('').includes(secret), await canaryOf(scene.outside)]).toEqual([false, canary])
  },
)

it.skipIf(!linux)('a large file keeps its holes, owner, mode and time', async () => {
  await using scene = await openScene()
  await mkdir(scene.site)
  await writeFile(join(scene.site, 'sparse'), 'x', { mode: 0o640 })
  await truncate(join(scene.site, 'sparse'), 50_000_000)
  await utimes(join(scene.site, 'sparse'), at, at)
  const options = { firstStartedAt: 0n, directories: new Map<bigint, string>() }
  await copySiteData(scene.site, scene.copy, async () => async () => {}, options, new AbortController().signal)
  const copied = await stat(join(scene.copy, 'sparse'))
  expect(copied).toMatchObject({ size: 50_000_000, mtime: at })
  expect(copied.mode & 0o777).toBe(0o640)
  expect(copied.blocks).toBeLessThan(1000)
})
