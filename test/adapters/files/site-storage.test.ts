import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSiteStorage, hasSiteIds, siteUser } from '../../../adapters/files/site-storage.ts'
import type { SiteId } from '../../../core/ids.ts'
import { canTest } from '../../support/can-test.ts'
import { firstHome, newSiteId, probeLaunch } from '../../support/probe-launch.ts'
import { storageContract } from './storage-contract.ts'

const isRoot = process.getuid?.() === 0
const root = await mkdtemp(join(tmpdir(), 'sitewright-storage-'))
afterAll(() => rm(root, { recursive: true, force: true }))

storageContract('files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-storage-'))
  return {
    storage: createSiteStorage({ root: directory }),
    close: () => rm(directory, { recursive: true, force: true }),
  }
})

test('a prepared directory is closed to other users, and preparing it again keeps what it holds', async () => {
  const storage = createSiteStorage({ root })
  const home = firstHome()
  await storage.prepare(home)
  await writeFile(join(storage.directoryOf(home), 'entry'), 'kept')
  await storage.prepare(home)
  expect(await readFile(join(storage.directoryOf(home), 'entry'), 'utf8')).toBe('kept')
  const found = await stat(storage.directoryOf(home))
  expect(found.mode & 0o777).toBe(0o700)
  expect({ uid: found.uid, gid: found.gid }).toEqual(siteUser(home.siteId))
})

test('the first data directory of a site is called like the site, and later ones count on', async () => {
  const own = join(root, 'generations')
  const storage = createSiteStorage({ root: own })
  const siteId = newSiteId()
  for (const generation of [1, 2, 11]) await storage.prepare({ siteId, cell: 'local', generation })
  expect((await readdir(own)).toSorted()).toEqual([siteId, `${siteId}.11`, `${siteId}.2`])
})

test('what lies among the data directories under another name is none of them', async () => {
  const own = join(root, 'strangers')
  const storage = createSiteStorage({ root: own })
  const siteId = newSiteId()
  for (const name of [
    'lost+found',
    'site_1',
    `${siteId}.1`,
    `${siteId}.0`,
    `${siteId}.02`,
    `${siteId}.2.3`,
    `${siteId}.x`,
  ]) {
    await mkdir(join(own, name), { recursive: true })
  }
  await storage.prepare({ siteId, cell: 'local', generation: 3 })
  expect(await storage.list()).toEqual([{ siteId, cell: 'local', generation: 3 }])
})

test('removing deletes what is there, and again changes nothing', async () => {
  const storage = createSiteStorage({ root })
  const home = firstHome()
  await storage.prepare(home)
  await mkdir(join(storage.directoryOf(home), 'deep', 'down'), { recursive: true })
  await storage.remove(home)
  await expect(stat(storage.directoryOf(home))).rejects.toMatchObject({ code: 'ENOENT' })
  await storage.remove(home)
})

test.each(['', '..', '../etc', 'site_', 'site_../../../../../etc/passwd', `${newSiteId()}/..`, 'acct_x'])(
  'an id that is none, such as %j, is turned away',
  (id) => {
    expect(() =>
      createSiteStorage({ root }).directoryOf({ siteId: id as SiteId, cell: 'local', generation: 1 }),
    ).toThrow(TypeError)
  },
)

test.runIf(canTest(isRoot, 'handing files over is not tested: only root can give them away'))(
  'handing over reaches every file and follows no link',
  async () => {
    const outside = join(root, 'outside')
    await writeFile(outside, '')
    const storage = createSiteStorage({ root })
    const home = firstHome()
    const directory = storage.directoryOf(home)
    await storage.prepare(home)
    await mkdir(join(directory, 'deep'))
    await writeFile(join(directory, 'deep', 'entry'), '')
    await symlink(outside, join(directory, 'link'))
    await storage.handOver(home)
    expect((await stat(join(directory, 'deep', 'entry'))).uid).toBe(siteUser(home.siteId).uid)
    expect((await lstat(join(directory, 'link'))).uid).toBe(siteUser(home.siteId).uid)
    expect((await stat(outside)).uid).toBe(0)
  },
)

const withMounts = (directory: string) =>
  probeLaunch({ container: { mounts: [{ path: '/srv/app', directory }] } }).blueprint

test.runIf(canTest(isRoot, 'the owner of a blueprint is not tested: only root can give files away'))(
  'data belongs to the owner that the blueprint names, subdirectories that are mounted elsewhere too',
  async () => {
    const storage = createSiteStorage({ root })
    const home = firstHome()
    const directory = storage.directoryOf(home)
    const owner = { uid: 999, gid: 998 }
    const named = withMounts('app')
    const blueprint = { ...named, data: { ...named.data, owner } }
    await storage.prepare(home, owner)
    expect(await stat(directory)).toMatchObject(owner)
    await writeFile(join(directory, 'restored'), '')
    await storage.handOver(home, blueprint)
    await storage.handOver(home, blueprint)
    for (const path of ['', 'restored', 'app']) expect(await stat(join(directory, path))).toMatchObject(owner)
  },
)

test.each(['link', 'file'])('a %s instead of a subdirectory is mounted nowhere', async (what) => {
  const storage = createSiteStorage({ root })
  const home = firstHome()
  const path = join(storage.directoryOf(home), 'app')
  await storage.prepare(home)
  await (what === 'link' ? symlink('/etc', path) : writeFile(path, ''))
  await expect(storage.handOver(home, withMounts('app'))).rejects.toThrow("something else than a directory at 'app'")
})

test('root hands each site to an account of its own without rights; anybody else runs them in their own name', () => {
  const users = Array.from({ length: 100 }, () => siteUser(newSiteId(), 0, 0))
  expect(new Set(users.map(({ uid }) => uid)).size).toBe(100)
  for (const { uid, gid } of users) {
    expect(uid).toBe(gid)
    expect(uid).toBeGreaterThanOrEqual(0x7000_0000)
    expect(uid).toBeLessThan(0x7800_0000)
  }
  const siteId = newSiteId()
  expect(siteUser(siteId, 0, 0)).toEqual(siteUser(siteId, 0, 0))
  expect(siteUser(siteId, 1000, 100)).toEqual({ uid: 1000, gid: 100 })
})

test.each([
  ['         0          0 4294967295\n', true],
  ['         0     100000      65536\n', false],
  ['         0       1000          1\n         1     100000 2147483647\n', true],
  ['', false],
])('finds whether the map %j has the accounts of sites', (map, has) => {
  expect(hasSiteIds(map)).toBe(has)
})
