import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFargateArchiver } from '../../../adapters/ecs/fargate-archiver.ts'
import { createAccessPointStorage } from '../../../adapters/efs/access-point-storage.ts'
import { createArchiverRoles } from '../../../adapters/iam/roles.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import { type ArchiveJob, type ArchiveJobState, archiveKeys } from '../../../core/ports/archives.ts'
import { archiverContract, toItsEnd } from '../../adapters/archiver/contract.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { firstHome } from '../../support/probe-launch.ts'
import { archiverProcess } from '../support/archiver-process.ts'
import { startAws } from '../support/start-aws.ts'

const open = async () => {
  const aws = await startAws({ run: archiverProcess })
  const { clients, installation } = aws
  const cell = await aws.makeCell('blue')
  const bucket = cell.archiver.bucketArn.split(':').at(-1)!
  const archives = createArchiveBucket({ client: clients.s3, bucket })
  const archiver = createFargateArchiver({
    ecs: clients.ecs,
    cell,
    installation,
    storage: createAccessPointStorage({
      efs: clients.efs,
      cell,
      installation,
      log: recordingLog(),
      pollMilliseconds: 10,
    }),
    roles: createArchiverRoles({ iam: clients.iam, cell, installation, path: `/${installation}/archiver/` }),
    archives,
    wall: () => new Date().toISOString(),
  })
  return { aws, archives, archiver, directoryOf: aws.fargate.directoryOf, close: aws.close }
}

archiverContract('Fargate', open)

let opened: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  opened = await open()
})
afterAll(async () => {
  await opened?.close()
})

const outcomeOf = (job: ArchiveJob): Promise<ArchiveJobState> => toItsEnd(opened.archiver, job)

const { id } = createRandomness()

test('a site goes into the bucket and comes back, by tasks that see one data directory each', async () => {
  const home = firstHome()
  const { siteId } = home
  const archiveId = id('arc')
  const directory = opened.directoryOf(home)
  await mkdir(join(directory, 'deep'), { recursive: true })
  const noise = Buffer.from(Array.from({ length: 100_000 }, (_, nth) => (nth * 7919) % 251))
  await writeFile(join(directory, 'deep', 'noise.bin'), noise)
  await writeFile(join(directory, 'Grüße'), 'hello')

  const measured = await outcomeOf({ kind: 'measure', id: `measure-${siteId}`, siteId, home })
  expect(measured).toMatchObject({ state: 'done' })
  const blueprint = { name: 'probe', version: 1 }
  const at = '2026-01-31T08:00:00.000Z'
  const copied = await outcomeOf({ kind: 'copy', id: `copy-${siteId}`, siteId, home, archiveId, blueprint, at })
  expect(copied).toMatchObject({ state: 'done' })
  const verified = await outcomeOf({ kind: 'verify', id: `verify-${siteId}`, siteId, cell: 'local', archiveId })
  expect(verified).toEqual(copied)

  expect(await outcomeOf({ kind: 'release', id: `release-${siteId}`, siteId, home })).toMatchObject({ state: 'done' })
  // The access point's root is no file of the site: it is emptied, and stays.
  expect(await readdir(directory)).toEqual([])

  const fresh = { siteId, cell: 'local', generation: 2 }
  const restored = await outcomeOf({ kind: 'restore', id: `restore-${siteId}`, siteId, home: fresh, archiveId })
  expect(restored).toMatchObject({ state: 'done' })
  const restoredIn = opened.directoryOf(fresh)
  expect((await readFile(join(restoredIn, 'deep', 'noise.bin'))).equals(noise)).toBe(true)
  expect(await readFile(join(restoredIn, 'Grüße'), 'utf8')).toBe('hello')
})

test('a truncated archive is reported as damaged, and nothing is restored', async () => {
  const home = firstHome()
  const { siteId } = home
  const archiveId = id('arc')
  await mkdir(opened.directoryOf(home), { recursive: true })
  await writeFile(join(opened.directoryOf(home), 'file'), 'x'.repeat(50_000))
  const blueprint = { name: 'probe', version: 1 }
  const at = '2026-01-31T08:00:00.000Z'
  await outcomeOf({ kind: 'copy', id: `copy-${siteId}`, siteId, home, archiveId, blueprint, at })
  const { content } = archiveKeys(siteId, archiveId)
  await opened.archives.put(
    content,
    (async function* () {
      for await (const chunk of (await opened.archives.open(content))!) {
        yield chunk.subarray(0, chunk.length / 2)
        return
      }
    })(),
  )
  expect(await outcomeOf({ kind: 'verify', id: `verify-${siteId}`, siteId, cell: 'local', archiveId })).toMatchObject({
    state: 'failed',
    error: 'ArchiveDamaged',
  })
})
