import { ecsClient, efsClient, iamClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createEveryArchiver } from '../../adapters/cells/every-cell.ts'
import { createFargateArchiver } from '../../adapters/ecs/fargate-archiver.ts'
import { createAccessPointStorage } from '../../adapters/efs/access-point-storage.ts'
import { createArchiverRoles } from '../../adapters/iam/roles.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import type { Archiver } from '../../core/ports/archiver.ts'
import type { Clocks } from '../../core/ports/clocks.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Names } from '../names.ts'
import { openArchives } from './archives.ts'
import { oncePerCell } from './once-per-cell.ts'
import { waiting } from './waiting.ts'

/** What looks after the data of sites, in whatever cell. */
export const openArchiver = (
  environment: { readonly CELL_PARAMETERS: string; readonly ARCHIVE_BUCKET: string },
  { names, clocks, sites }: { readonly names: Names; readonly clocks: Clocks; readonly sites: Pick<SiteStore, 'get'> },
): Archiver => {
  const clients = { ecs: ecsClient(), efs: efsClient(), iam: iamClient() }
  const archives = openArchives(environment)
  const directory = createCellDirectory({ ssm: ssmClient(), path: environment.CELL_PARAMETERS })
  const { installation } = names

  const archiverOf = oncePerCell((cell) =>
    createFargateArchiver({
      ecs: clients.ecs,
      cell,
      installation,
      storage: createAccessPointStorage({
        efs: clients.efs,
        cell,
        installation,
        lookEveryMilliseconds: waiting.lookEveryMilliseconds,
      }),
      roles: createArchiverRoles({ iam: clients.iam, cell, installation, path: names.archiverRolePath }),
      archives,
      wall: clocks.wall,
    }),
  )

  return createEveryArchiver({
    cellOf: async (siteId) => (await sites.get(siteId))?.cell,
    archivers: async () => new Map((await directory.all()).map((cell) => [cell.name, archiverOf(cell)])),
  })
}
