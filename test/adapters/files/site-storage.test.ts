import { lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSiteStorage } from '../../../adapters/files/site-storage.ts'
import { siteUser } from '../../../adapters/files/site-user.ts'
import type { SiteId } from '../../../core/ids.ts'
import { canTest } from '../../support/can-test.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { storageContract } from './storage-contract.ts'

const isRoot = process.getuid?.() === 0
let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sitewright-storage-'))
})
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
  const site = newSiteId()
  await storage.prepare(site)
  await writeFile(join(storage.directoryOf(site), 'entry'), 'kept')
  await storage.prepare(site)
  expect(await readFile(join(storage.directoryOf(site), 'entry'), 'utf8')).toBe('kept')
  const found = await stat(storage.directoryOf(site))
  expect(found.mode & 0o777).toBe(0o700)
  expect({ uid: found.uid, gid: found.gid }).toEqual(siteUser())
})

test('removing deletes what is there, and again changes nothing', async () => {
  const storage = createSiteStorage({ root })
  const site = newSiteId()
  await storage.prepare(site)
  await mkdir(join(storage.directoryOf(site), 'deep', 'down'), { recursive: true })
  await storage.remove(site)
  await expect(stat(storage.directoryOf(site))).rejects.toMatchObject({ code: 'ENOENT' })
  await storage.remove(site)
})

test.each(['', '..', '../etc', 'site_', 'site_../../../../../etc/passwd', `${newSiteId()}/..`, 'acct_x'])(
  'an id that is none, such as %j, is turned away',
  (id) => {
    expect(() => createSiteStorage({ root }).directoryOf(id as SiteId)).toThrow(TypeError)
  },
)

test.runIf(canTest(isRoot, 'handing files over is not tested: only root can give them away'))(
  'handing over reaches every file and follows no link',
  async () => {
    const outside = join(root, 'outside')
    await writeFile(outside, '')
    const storage = createSiteStorage({ root })
    const site = newSiteId()
    const directory = storage.directoryOf(site)
    await storage.prepare(site)
    await mkdir(join(directory, 'deep'))
    await writeFile(join(directory, 'deep', 'entry'), '')
    await symlink(outside, join(directory, 'link'))
    await storage.handOver(site)
    expect((await stat(join(directory, 'deep', 'entry'))).uid).toBe(siteUser().uid)
    expect((await lstat(join(directory, 'link'))).uid).toBe(siteUser().uid)
    expect((await stat(outside)).uid).toBe(0)
  },
)

test('root hands sites to an account without rights; anybody else runs them in their own name', () => {
  expect(siteUser(0, 0)).toEqual({ uid: 10_001, gid: 10_001 })
  expect(siteUser(1000, 100)).toEqual({ uid: 1000, gid: 100 })
})
