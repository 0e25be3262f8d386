import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { doArchiveJob } from '../../../adapters/archiver/do-archive-job.ts'
import { createAccessPointStorage } from '../../../adapters/efs/access-point-storage.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import type { SiteId } from '../../../core/ids.ts'
import { toInstant } from '../../../core/instant.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { placed } from '../../adapters/dynamodb/made-changes.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { siteIn, suspendLongAgo } from '../support/aging.ts'
import type { AwsWorld } from '../support/aws-world.ts'
import { keptFile } from './invariants.ts'

const blueprint = { name: 'probe', version: 1 } as const

const directoryOf = (world: AwsWorld, siteId: SiteId): string =>
  world.aws.fargate.directoryOf({ siteId, cell: 'local', generation: 1 })

/** A copy of a site's data that its owner asked for. */
export const copyOf = async (world: AwsWorld, siteId: SiteId): Promise<Archive> => {
  const archiveId = createRandomness().id('arc')
  const at = toInstant(new Date())
  const home = { siteId, cell: 'local', generation: 1 }
  const scratch = await mkdtemp(join(tmpdir(), 'job-'))
  const bucket = world.cell.archiver.bucketArn.split(':').at(-1) ?? ''
  const outcome = await doArchiveJob(
    { kind: 'copy', id: `copy-${archiveId}`, siteId, home, archiveId, blueprint, at },
    {
      archives: createArchiveBucket({ client: world.aws.clients.s3, bucket }),
      directory: directoryOf(world, siteId),
      scratch,
    },
  )
  await rm(scratch, { recursive: true })
  if (outcome.state !== 'done') throw new Error(outcome.message)
  return { id: archiveId, at, kind: 'owner', bytes: outcome.bytes, files: outcome.files, blueprint }
}

/** Puts data where a site's is: in a directory, behind an access point. */
export const keepData = async (world: AwsWorld, siteId: SiteId): Promise<void> => {
  const storage = createAccessPointStorage({
    efs: world.aws.clients.efs,
    cell: world.cell,
    installation: 'sitewright-production',
    log: recordingLog(),
    pollMilliseconds: 10,
  })
  await storage.prepare({ siteId, cell: 'local', generation: 1 })
  await mkdir(directoryOf(world, siteId), { recursive: true })
  await writeFile(join(directoryOf(world, siteId), keptFile), siteId)
}

/** A site whose trial has ended long ago: nothing of it runs, and its data is in place. */
export const placeSuspended = async (
  world: AwsWorld,
  siteId: SiteId,
  { archives }: { readonly archives: readonly Archive[] },
): Promise<void> => {
  await world.commit(placed({ id: siteId, cell: 'a', blueprint, archives }))
  await suspendLongAgo(world, siteId)
  await world.commit(endOperation(await siteIn(world, siteId, 'suspended'), 'done', world.context()))
}
