import { existsSync, type FSWatcher, readdirSync, rmSync, watch } from 'node:fs'
import {
  link,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Log } from '../../../core/ports/context.ts'
import { type PauseSite, requireRoom } from '../../../local/backup/copy-site-data.ts'
import { takeBackupLock } from '../../../local/backup/pause-containers.ts'
import { removeLeftSnapshot, snapshotHome } from '../../../local/backup/snapshot-home.ts'
import { markerName } from '../../../local/cells/cell-disks.ts'
import { compactDatabase, erasingThoroughly } from '../../../local/engine/compact-database.ts'
import type { Home } from '../../../local/home/open-home.ts'
import { hasSmallDisks, mountDisk } from '../../bad-world/small-disk.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { canTestOnLinux } from '../../support/can-test.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'

const openHome = async () => {
  const home = await temporaryDirectory()
  const at = (...names: readonly string[]) => join(home.path, ...names)
  for (const name of ['archives', 'data', 'database', 'logs', 'run']) await mkdir(at(name))
  await writeFile(at('home.json'), '{"homeId":"0123456789abcdef"}')
  await writeFile(at('host.json'), '{"pid":1}')
  await writeFile(at('run', 'ports.json'), '{}')
  await writeFile(at('archives', 'a+1.archive'), 'archived')
  await mkdir(at('archives', 'a+2.archive.plain'))
  const database = new DatabaseSync(at('database', 'dynoxide.db'))
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE items (name TEXT); INSERT INTO items VALUES ('before')")
  return {
    path: home.path,
    at,
    database,
    [Symbol.asyncDispose]: async () => {
      database.close()
      await home[Symbol.asyncDispose]()
    },
  }
}

const take = (home: string, pauseOf: (site: string) => PauseSite, signal = new AbortController().signal) =>
  snapshotHome(home, pauseOf, signal, { reserveMiB: 0 })
const never: PauseSite = async () => async () => {}
const textOf = (...names: readonly string[]) => readFile(join(...names), 'utf8')

const namesIn = (snapshot: string) => {
  const copy = new DatabaseSync(join(snapshot, 'database', 'dynoxide.db'), { readOnly: true })
  const names = copy
    .prepare('SELECT name FROM items')
    .all()
    .map(({ name }) => name)
  copy.close()
  return names
}

describe.skipIf(!canTestOnLinux('the backup of a home'))('a snapshot of a home', () => {
  it('has the database of a running host, its archives and keys, and nothing that a host makes again', async () => {
    await using home = await openHome()
    await using snapshot = await take(home.path, () => never)
    expect((await readdir(snapshot.directory, { recursive: true })).toSorted()).toEqual([
      'archives',
      'archives/a+1.archive',
      'data',
      'database',
      'database/dynoxide.db',
      'home.json',
    ])
    expect(namesIn(snapshot.directory)).toEqual(['before'])
    await snapshot[Symbol.asyncDispose]()
    expect(await readdir(home.path)).not.toContain('backup-in-progress')
  })

  it('has the mark of an erasure: the database that is restored is compacted before it is used', async () => {
    await using home = await openHome()
    await erasingThoroughly({ erase: async () => true }, { directory: home.path }).erase('hash')
    await using snapshot = await take(home.path, () => never)
    const restored = { directory: snapshot.directory, directories: { database: join(snapshot.directory, 'database') } }
    const lines: unknown[] = []
    const log = { info: (_: object, line: string) => lines.push(line) } as unknown as Log
    await compactDatabase(restored as unknown as Home, log)
    expect(lines).toEqual(['compacted the database after an erasure'])
    await compactDatabase(
      { directory: home.path, directories: { database: home.at('database') } } as unknown as Home,
      log,
    )
    expect(lines).toHaveLength(2)
  })

  it('has the software of accounts as it was deployed, which runs after a restore', async () => {
    await using home = await openHome()
    const [production, qa] = [newSiteId(), newSiteId()]
    const files = home.at('snapshots', production, 'one', 'files')
    await mkdir(join(files, 'packages', 'one'), { recursive: true })
    await mkdir(join(files, 'socket.sqlite'))
    for (const name of ['packages/one/index.js', 'cities.db', 'cities.db-wal', 'lock.sqlite', 'notes.unfinished'])
      await writeFile(join(files, name), 'no database')
    await symlink('packages/one', join(files, 'one'))
    await symlink('/nowhere', join(files, 'nowhere'))
    await symlink(production, home.at('snapshots', qa))
    await using snapshot = await take(home.path, () => never)
    const of = (...names: readonly string[]) => join(snapshot.directory, 'snapshots', ...names)
    const ofQa = of(qa, 'one', 'files')
    expect((await readdir(ofQa)).toSorted()).toEqual((await readdir(files)).toSorted())
    expect(await textOf(ofQa, 'one', 'index.js')).toBe('no database')
    expect(await readlink(of(qa))).toBe(production)
    expect(await readlink(join(ofQa, 'nowhere'))).toBe('/nowhere')
    // A program may write where it runs, while the backup is stored.
    await writeFile(join(files, 'cities.db'), 'changed')
    expect(await textOf(ofQa, 'cities.db')).toBe('no database')
  })

  it('leaves out software that cannot be copied, says so, and has that of other sites', async () => {
    await using home = await openHome()
    const [bad, good] = [newSiteId(), newSiteId()]
    for (const site of [bad, good]) await mkdir(home.at('snapshots', site, 'one'), { recursive: true })
    await writeFile(home.at('snapshots', bad, 'one', 'sparse'), '')
    await truncate(home.at('snapshots', bad, 'one', 'sparse'), 65 * 2 ** 30)
    await using snapshot = await take(home.path, () => never)
    expect([...snapshot.skipped.keys()]).toEqual([bad])
    expect(await readdir(join(snapshot.directory, 'snapshots'))).toEqual([good])
  })

  it('has the data of cells on other disks, and is refused while one of them is not mounted', async () => {
    await using home = await openHome()
    await using disk = await temporaryDirectory()
    const site = newSiteId()
    await mkdir(join(disk.path, 'data', site), { recursive: true })
    await writeFile(join(disk.path, 'data', site, 'entries'), 'one')
    const cells = [{ name: 'fast', directory: disk.path }]
    await writeFile(home.at('cells.json'), JSON.stringify({ schemaVersion: 1, cells }))
    await expect(take(home.path, () => never)).rejects.toThrow(
      /^the disk of the cell 'fast' is not mounted at .*; mount it, and back up again \(docs\/cells\.md says what to do if it is gone\)$/,
    )
    await writeFile(join(disk.path, markerName), '{}')
    await using snapshot = await take(home.path, () => never)
    expect(await textOf(snapshot.directory, 'cells', 'fast', 'data', site, 'entries')).toBe('one')
    expect(await textOf(snapshot.directory, 'cells', 'fast', markerName)).toBe('{}')
    expect(snapshot.sites).toBe(1)
  })

  it('has the data of a site as it is when the site is paused', async () => {
    await using home = await openHome()
    const site = newSiteId()
    await mkdir(home.at('data', site, 'kept'), { recursive: true })
    await writeFile(home.at('data', site, 'kept', 'entries'), 'one')
    await writeFile(home.at('data', site, 'journal'), 'half a transaction')
    let resumed = 0
    // Everything happens between the first pass and the second.
    const pauseOf = (): PauseSite => async () => {
      await writeFile(home.at('data', site, 'kept', 'entries'), 'one, two')
      await rm(home.at('data', site, 'journal'))
      await writeFile(home.at('data', site, 'new'), 'three')
      return async () => {
        resumed += 1
      }
    }
    await using snapshot = await take(home.path, pauseOf)
    expect(await textOf(snapshot.directory, 'data', site, 'kept', 'entries')).toBe('one, two')
    expect((await readdir(join(snapshot.directory, 'data', site))).toSorted()).toEqual(['kept', 'new'])
    expect([snapshot.sites, resumed]).toEqual([1, 1])
  })

  it('has a file that was replaced between the passes, whatever its times say', async () => {
    await using home = await openHome()
    const site = newSiteId()
    const of = (...names: readonly string[]) => home.at('data', site, ...names)
    const [newer, older] = [new Date('2026-03-02T00:00:00Z'), new Date('2026-03-01T00:00:00Z')]
    const put = async (text: string, at: Date, ...names: readonly string[]) => {
      await writeFile(of(...names), text)
      await utimes(of(...names), at, at)
    }
    await mkdir(of('theme'), { recursive: true })
    await mkdir(of('theme.new'))
    await put('new', older, 'theme.new', 'style')
    await put('old', newer, 'theme', 'style')
    await put('old', newer, 'settings')
    await put('old', newer, 'kept-times')
    const pauseOf = (): PauseSite => async () => {
      await put('new', older, 'settings')
      await put('new', newer, 'kept-times')
      await rm(of('theme'), { recursive: true })
      await rename(of('theme.new'), of('theme'))
      return async () => {}
    }
    await using snapshot = await take(home.path, pauseOf)
    const copied = join(snapshot.directory, 'data', site)
    const texts = [
      await textOf(copied, 'settings'),
      await textOf(copied, 'kept-times'),
      await textOf(copied, 'theme', 'style'),
    ]
    expect(texts).toEqual(['new', 'new', 'new'])
  })

  it('is taken again where a site is archived meanwhile: the database knows its archive, and no data is older', async () => {
    await using home = await openHome()
    const written = new Date('2026-03-01T00:00:00Z')
    const write = async (site: string, text: string) => {
      await writeFile(home.at('data', site, 'administrator'), text)
      await utimes(home.at('data', site, 'administrator'), written, written)
    }
    for (const site of [newSiteId(), newSiteId(), newSiteId()]) {
      await mkdir(home.at('data', site))
      await write(site, 'nobody')
      await utimes(home.at('data', site), written, written)
    }
    const paused: string[] = []
    const pauseOf =
      (site: string): PauseSite =>
      async () => {
        paused.push(site)
        const [stays = '', ...others] = paused
        if (paused.length === 3) {
          for (const other of others) await rm(home.at('data', other), { recursive: true })
          await write(stays, 'person')
          await writeFile(home.at('archives', 'a+2.archive'), 'archived meanwhile')
          home.database.exec("INSERT INTO items VALUES ('archived, and the site that stays has its administrator')")
        }
        return async () => {}
      }
    await using snapshot = await take(home.path, pauseOf)
    const [stays = ''] = paused
    expect(await readdir(join(snapshot.directory, 'data'))).toEqual([stays])
    expect((await readdir(join(snapshot.directory, 'archives'))).toSorted()).toEqual(['a+1.archive', 'a+2.archive'])
    expect(namesIn(snapshot.directory)).toHaveLength(2)
    expect(await textOf(snapshot.directory, 'data', stays, 'administrator')).toBe('person')
    expect((await stat(join(snapshot.directory, 'data', stays))).mtime).toEqual(written)
    expect([snapshot.sites, paused.length]).toEqual([1, 4])
  })

  it('keeps the archives that are discarded while they are linked again: the database may name them', async () => {
    await using home = await openHome()
    const site = newSiteId()
    await mkdir(home.at('data', site))
    const names = Array.from({ length: 500 }, (_, number) => `b+${1000 + number}.archive`)
    for (const name of names) await writeFile(home.at('archives', name), name)
    let discarded = 0
    let watcher: FSWatcher | undefined
    const pause: PauseSite = async () => {
      const last = readdirSync(home.at('archives')).slice(-20)
      watcher = watch(home.at('backup-in-progress', 'archives'), () => {
        for (const name of last.splice(0)) {
          rmSync(home.at('archives', name))
          discarded += 1
        }
      })
      return async () => {}
    }
    await using snapshot = await take(home.path, () => pause)
    watcher?.close()
    expect(discarded).toBe(20)
    expect((await readdir(join(snapshot.directory, 'archives'))).toSorted()).toEqual(['a+1.archive', ...names])
  })

  it('has the data of a site that is made just before the database is copied', async () => {
    await using home = await openHome()
    // The copy waits for the end of this transaction.
    home.database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE; INSERT INTO items VALUES ('made meanwhile')")
    const taken = take(home.path, () => never)
    await waitFor(async () => existsSync(home.at('backup-in-progress', 'database')))
    const site = newSiteId()
    await mkdir(home.at('data', site))
    home.database.exec('COMMIT')
    await using snapshot = await taken
    expect(namesIn(snapshot.directory)).toEqual(['before', 'made meanwhile'])
    expect(await readdir(join(snapshot.directory, 'data'))).toEqual([site])
  })

  it('leaves out a directory and a database that are removed before it comes to them', async () => {
    await using home = await openHome()
    await mkdir(home.at('images', 'own', 'site-gone'), { recursive: true })
    await writeFile(home.at('images', 'own', 'site-gone', 'layer'), 'one')
    new DatabaseSync(home.at('stripe.sqlite')).close()
    await writeFile(home.at('variables.json'), '{}')
    // All are listed by then; the copy waits for the end of this transaction.
    home.database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    const taken = take(home.path, () => never)
    await waitFor(async () => existsSync(home.at('backup-in-progress', 'database')))
    for (const name of ['images', 'stripe.sqlite']) await rm(home.at(name), { recursive: true })
    home.database.exec('COMMIT')
    await using snapshot = await taken
    expect(namesIn(snapshot.directory)).toEqual(['before'])
    expect(await readdir(snapshot.directory)).toEqual(['archives', 'data', 'database', 'home.json', 'variables.json'])
  })

  it('is refused where the archives are gone', async () => {
    await using home = await openHome()
    await rm(home.at('archives'), { recursive: true })
    await expect(take(home.path, () => never)).rejects.toThrow('ENOENT')
    expect(await readdir(home.path)).not.toContain('backup-in-progress')
  })

  it.skipIf(!hasSmallDisks())('is refused where the disk has no room for it, and leaves nothing', async () => {
    await using disk = await mountDisk({ mebibytes: 8 })
    const data = join(disk.path, 'data', newSiteId())
    for (const path of [data, join(disk.path, 'archives')]) await mkdir(path, { recursive: true })
    await writeFile(join(data, 'entries'), Buffer.alloc(5 * 2 ** 20))
    let paused = 0
    const pauseOf = (): PauseSite => async () => {
      paused += 1
      return async () => {}
    }
    await expect(take(disk.path, pauseOf)).rejects.toThrow(/takes [56] MiB, and the disk has [23] MiB free/)
    expect([(await readdir(disk.path)).toSorted(), paused]).toEqual([['archives', 'data'], 0])
    await writeFile(join(data, 'entries'), Buffer.alloc(3 * 2 ** 20))
    // With a tenth more than the reserve, as the host needs it to end a shortage.
    const reserved = snapshotHome(disk.path, pauseOf, new AbortController().signal, { reserveMiB: 2 })
    await expect(reserved).rejects.toThrow(/takes [34] MiB, and the disk has 2 MiB free beyond its reserve/)
    await using snapshot = await take(disk.path, pauseOf)
    expect([snapshot.sites, paused]).toEqual([1, 1])
  })

  it.skipIf(!hasSmallDisks())(
    'needs room for what shares no blocks with it: other disks, small files, databases',
    async () => {
      await using disk = await mountDisk({ mebibytes: 8 })
      await using other = await temporaryDirectory()
      const at = (...names: readonly string[]) => join(disk.path, ...names)
      for (const path of [at('data'), at('to'), at('bin'), join(other.path, 'data')]) await mkdir(path)
      await writeFile(at('data', 'large'), Buffer.alloc(5 * 2 ** 20))
      await writeFile(join(other.path, 'data', 'large'), Buffer.alloc(5 * 2 ** 20))
      const require = (databases: readonly string[], data: readonly string[]) =>
        requireRoom({ databases, data }, at('to'), 0, new AbortController().signal)
      await expect(require([], [at('data')])).rejects.toThrow('takes 5 MiB')
      // As on a disk whose file system shares blocks.
      await writeFile(at('bin', 'cp'), '#!/bin/sh\n', { mode: 0o755 })
      vi.stubEnv('PATH', `${at('bin')}:${process.env['PATH']}`)
      onTestFinished(() => void vi.unstubAllEnvs())
      await require([], [at('data')])
      await expect(require([at('data')], [])).rejects.toThrow('takes 5 MiB')
      await expect(require([], [at('data'), join(other.path, 'data')])).rejects.toThrow('takes 5 MiB')
      await rm(at('data', 'large'))
      for (let count = 0; count < 45; count += 1) await writeFile(at('data', `${count}`), Buffer.alloc(100 * 1024))
      await expect(require([], [at('data')])).rejects.toThrow('takes 5 MiB')
    },
  )

  it.each([
    ['long names', (at: string) => join(at, ...Array.from({ length: 18 }, () => 'x'.repeat(200)))],
    ['many levels', (at: string) => join(at, ...Array.from({ length: 1180 }, () => 'xx'))],
  ])('leaves out a site whose path of %s is too long, and says so', { timeout: 600_000 }, async (_, deepIn) => {
    await using home = await openHome()
    const [hostile, honest] = [newSiteId(), newSiteId()]
    await mkdir(deepIn(home.at('data', hostile)), { recursive: true })
    await mkdir(home.at('data', honest))
    await writeFile(home.at('data', honest, 'entries'), 'one')
    await using snapshot = await take(home.path, () => never)
    expect([snapshot.sites, [...snapshot.skipped]]).toEqual([
      1,
      [[hostile, `a path in ${home.at('data', hostile)} is longer than 3500 bytes`]],
    ])
    expect(await readdir(join(snapshot.directory, 'data'))).toEqual([honest])
    expect(await textOf(snapshot.directory, 'data', honest, 'entries')).toBe('one')
  })

  it('leaves out a site whose sparse files have holes of more than 64 GiB, before the pause and in it', async () => {
    await using home = await openHome()
    const putHole = async (site: string, name: string, gibibytes: number) => {
      await writeFile(home.at('data', site, name), 'x')
      await truncate(home.at('data', site, name), gibibytes * 2 ** 30)
    }
    const [before, meanwhile, honest] = [newSiteId(), newSiteId(), newSiteId()]
    for (const site of [before, meanwhile, honest]) {
      await mkdir(home.at('data', site))
      await putHole(site, 'one', 40)
      await link(home.at('data', site, 'one'), home.at('data', site, 'the same'))
    }
    await putHole(before, 'other', 40)
    const pauseOf =
      (site: string): PauseSite =>
      async () => {
        if (site === meanwhile) await putHole(site, 'other', 40)
        return async () => {}
      }
    await using snapshot = await take(home.path, pauseOf)
    const reason = expect.stringContaining('The holes in sparse files are more than 64 GiB')
    expect(snapshot.skipped).toEqual(
      new Map([
        [before, reason],
        [meanwhile, reason],
      ]),
    )
    expect(await readdir(join(snapshot.directory, 'data'))).toEqual([honest])
  })

  it('resumes a site whose data cannot be copied, and leaves it out', async () => {
    await using home = await openHome()
    const site = newSiteId()
    await mkdir(home.at('data', site))
    let resumed = 0
    const pauseOf = (): PauseSite => async () => {
      // A file where the copy has to be.
      await rm(home.at('backup-in-progress', 'data', site), { recursive: true })
      await writeFile(home.at('backup-in-progress', 'data', site), '')
      return async () => {
        resumed += 1
      }
    }
    await using snapshot = await take(home.path, pauseOf)
    expect([resumed, snapshot.sites, [...snapshot.skipped.keys()]]).toEqual([1, 0, [site]])
    expect(await readdir(join(snapshot.directory, 'data'))).toEqual([])
  })

  it('resumes the site that is paused when a person ends it, pauses no other, and leaves nothing', async () => {
    await using home = await openHome()
    for (const site of [newSiteId(), newSiteId()]) await mkdir(home.at('data', site))
    const ending = new AbortController()
    const states: string[] = []
    const pauseOf = (): PauseSite => async () => {
      states.push('paused')
      ending.abort(new Error('ended by SIGTERM'))
      return async () => {
        states.push('resumed')
      }
    }
    await expect(take(home.path, pauseOf, ending.signal)).rejects.toThrow()
    expect(states).toEqual(['paused', 'resumed'])
    expect(await readdir(home.path)).not.toContain('backup-in-progress')
  })
})

it('what a killed backup left is removed, unless a backup runs', async () => {
  await using home = await temporaryDirectory()
  await removeLeftSnapshot(home.path)
  await mkdir(join(home.path, 'backup-in-progress', 'data'), { recursive: true })
  const release = takeBackupLock(home.path)
  await removeLeftSnapshot(home.path)
  expect(await readdir(home.path)).toContain('backup-in-progress')
  release?.()
  await removeLeftSnapshot(home.path)
  expect(await readdir(home.path)).not.toContain('backup-in-progress')
})
