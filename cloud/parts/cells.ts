import { ecsClient, efsClient, iamClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createEveryCell } from '../../adapters/cells/every-cell.ts'
import { createFargateCell } from '../../adapters/cells/fargate-cell.ts'
import type { SitePorts } from '../../adapters/dynamodb/site-ports.ts'
import { createSitePorts } from '../../adapters/dynamodb/site-ports.ts'
import { createTaskNewsReader } from '../../adapters/ecs/site-tasks.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import type { Clocks } from '../../core/ports/clocks.ts'
import type { Randomness } from '../../core/ports/randomness.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Names } from '../names.ts'
import { oncePerCell } from './once-per-cell.ts'
import type { OpenTables } from './tables.ts'
import { waiting } from './waiting.ts'

interface CellsEnvironment {
  readonly CELL_PARAMETERS: string
  /** Only starting a site needs it. */
  readonly PARAMETER_KEY?: string
}

interface CellsOptions {
  readonly names: Names
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly tables: OpenTables
  readonly sites: Pick<SiteStore, 'get'>
}

/** Every cell that has described itself, as one runtime and one storage; cells that come later are found by themselves. */
export const openCells = (
  environment: CellsEnvironment,
  { names, clocks, randomness, tables, sites }: CellsOptions,
) => {
  const clients = {
    ecs: ecsClient(),
    efs: efsClient(),
    iam: iamClient(),
    ssm: ssmClient(),
  }
  const directory = createCellDirectory({ ssm: clients.ssm, path: environment.CELL_PARAMETERS })
  const { PARAMETER_KEY } = environment

  const portsOf = (cell: string): SitePorts => createSitePorts({ ...tables, cell, wall: clocks.wall, randomness })
  const partsOf = oncePerCell((cell) =>
    createFargateCell({
      clients,
      cell,
      ports: portsOf(cell.name),
      installation: names.installation,
      rolePath: names.siteRolePath,
      parameterPath: names.siteParameters,
      lookEveryMilliseconds: waiting.lookEveryMilliseconds,
      ...(PARAMETER_KEY === undefined ? {} : { parameterKeyId: PARAMETER_KEY }),
    }),
  )

  return {
    ...createEveryCell({
      cellOf: async (siteId) => (await sites.get(siteId))?.cell,
      cells: async () => new Map((await directory.all()).map((cell) => [cell.name, partsOf(cell)])),
    }),
    readTaskNews: createTaskNewsReader({ cells: directory, portsOf }),
  }
}
