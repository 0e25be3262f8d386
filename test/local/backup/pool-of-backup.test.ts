import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { retirePoolOfBackup } from '../../../local/backup/pool-of-backup.ts'
import { restoreHome } from '../../../local/backup/restore-home.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { buildForPool, claimForOwner, prepareForPool, requestForPool } from '../../support/build-for-pool.ts'
import { openProvisioning, type Provisioning } from '../../support/provisioning.ts'

let stage: Provisioning

beforeEach(async () => {
  stage = await openProvisioning()
})

const restored = async () => {
  const home = await temporaryDirectory()
  await restoreHome(home.path, async (directory) => {
    await mkdir(join(directory, 'data'))
    await writeFile(join(directory, 'home.json'), '')
  })
  return home
}
const statusOf = async ({ id }: { readonly id: Parameters<typeof stage.ports.sites.get>[0] }) =>
  (await stage.ports.sites.get(id))?.status

it('retires the pool of a restored home once: its sites may hold the data of who got them during the backup', async () => {
  await using home = await restored()
  await buildForPool(stage)
  const owned = await claimForOwner(stage)
  const pooled = [await buildForPool(stage), await prepareForPool(stage, 2), await requestForPool(stage)]
  await retirePoolOfBackup(home.path, stage.ports)
  expect(await Promise.all(pooled.map(statusOf))).toEqual(['purged', 'purged', 'purged'])
  expect(await statusOf(owned)).toBe('active')
  expect((await readdir(home.path)).toSorted()).toEqual(['data', 'home.json'])
  const next = await buildForPool(stage)
  await retirePoolOfBackup(home.path, stage.ports)
  expect(await statusOf(next)).toBe('ready')
})

it('goes on at the next start where it was interrupted', async () => {
  await using home = await restored()
  const pooled = [await buildForPool(stage), await buildForPool(stage)]
  const { sites } = stage.ports
  let commits = 0
  const commit: typeof sites.commit = async (change) => {
    commits += 1
    if (commits === 2) throw new Error('killed')
    return sites.commit(change)
  }
  await expect(retirePoolOfBackup(home.path, { ...stage.ports, sites: { ...sites, commit } })).rejects.toThrow('killed')
  expect((await Promise.all(pooled.map(statusOf))).toSorted()).toEqual(['purged', 'ready'])
  await retirePoolOfBackup(home.path, stage.ports)
  expect(await Promise.all(pooled.map(statusOf))).toEqual(['purged', 'purged'])
})
