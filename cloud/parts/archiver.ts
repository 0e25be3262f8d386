import { S3Client } from '@aws-sdk/client-s3'
import { ecsClient, efsClient, iamClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createEveryArchiver } from '../../adapters/cells/every-cell.ts'
import { createAccessPointIds } from '../../adapters/dynamodb/access-point-ids.ts'
import { createCellFileSystem } from '../../adapters/dynamodb/cell-file-system.ts'
import { createFargateArchiver } from '../../adapters/ecs/fargate-archiver.ts'
import { createSiteCheck } from '../../adapters/ecs/site-tasks.ts'
import { createAccessPointStorage } from '../../adapters/efs/access-point-storage.ts'
import { createArchiverRoles } from '../../adapters/iam/roles.ts'
import { createArchiveBucket } from '../../adapters/s3/archive-store.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import type { PortsOf } from '../../lambdas/_runtime/ports.ts'
import { type CloudContext, tables } from '../context.ts'
import { clientSettings } from './client-settings.ts'
import { oncePerCell } from './once-per-cell.ts'
import { waiting } from './waiting.ts'

/** What looks after the data of sites, in whatever cell. */
export const openArchiver = (context: CloudContext): PortsOf['archiver:run'] => {
  const { names, clocks, log, variable } = context
  const clients = { ecs: ecsClient(), efs: efsClient(), iam: iamClient() }
  const archives = createArchiveBucket({ client: new S3Client(clientSettings), bucket: variable('ARCHIVE_BUCKET') })
  const directory = createCellDirectory({ ssm: ssmClient(), path: variable('CELL_PARAMETERS') })
  const { installation } = names

  const archiverOf = oncePerCell((cell) => {
    const fileSystem = createCellFileSystem({ ...tables(context), cell, log })
    const storage = createAccessPointStorage({
      efs: clients.efs,
      cell,
      installation,
      ids: createAccessPointIds({ ...tables(context), cell: cell.name }),
      log,
      lookEveryMilliseconds: waiting.lookEveryMilliseconds,
    })
    return createFargateArchiver({
      ecs: clients.ecs,
      cell,
      installation,
      storage: {
        accessPointOf: async (...asked) => {
          await fileSystem.requireSame()
          return storage.accessPointOf(...asked)
        },
      },
      roles: createArchiverRoles({ iam: clients.iam, cell, installation, path: names.archiverRolePath }),
      archives,
      wall: clocks.wall,
    })
  })

  return {
    archiver: createEveryArchiver(
      async () => new Map((await directory.all()).map((cell) => [cell.name, archiverOf(cell)])),
    ),
    siteCheck: createSiteCheck(clients.ecs, directory),
  }
}
