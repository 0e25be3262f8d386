import { ecsClient, efsClient, iamClient, logsClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createEveryCell, createFargateCell } from '../../adapters/cells/every-cell.ts'
import { limitServiceChanges } from '../../adapters/cells/rate-limit.ts'
import { createAccessPointIds } from '../../adapters/dynamodb/access-point-ids.ts'
import { createCellFileSystem } from '../../adapters/dynamodb/cell-file-system.ts'
import { createSitePorts, type SitePorts } from '../../adapters/dynamodb/site-ports.ts'
import { createTaskNewsReader } from '../../adapters/ecs/site-tasks.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import { type CloudContext, tables } from '../context.ts'
import { oncePerCell } from './once-per-cell.ts'
import { waiting } from './waiting.ts'

/** Every cell that has described itself, as one runtime and one storage; cells that come later are found by themselves. */
export const openCells = (context: CloudContext) => {
  const { names, clocks, log, randomness, variable, optionalVariable } = context
  const clients = { ecs: ecsClient(), efs: efsClient(), iam: iamClient(), logs: logsClient(), ssm: ssmClient() }
  const directory = createCellDirectory({ ssm: clients.ssm, path: variable('CELL_PARAMETERS') })
  // Only starting a site needs it.
  const parameterKeyId = optionalVariable('PARAMETER_KEY')

  const portsOf = (cell: string): SitePorts =>
    createSitePorts({ ...tables(context), cell, wall: clocks.wall, randomness })
  const changes = limitServiceChanges(context.quotas.serviceChanges)
  const partsOf = oncePerCell((cell) =>
    createFargateCell({
      clients,
      cell,
      ports: portsOf(cell.name),
      isElsewhere: async (siteId) => {
        const others = (await directory.all()).filter(({ name }) => name !== cell.name)
        const ports = await Promise.all(others.map(({ name }) => portsOf(name).portOf(siteId)))
        return ports.some((port) => port !== undefined)
      },
      changes,
      log,
      accessPointIds: createAccessPointIds({ ...tables(context), cell: cell.name }),
      fileSystem: createCellFileSystem({ ...tables(context), cell, log }),
      installation: names.installation,
      rolePath: names.siteRolePath,
      parameterPath: names.siteParameters,
      lookEveryMilliseconds: waiting.lookEveryMilliseconds,
      ...(parameterKeyId === undefined ? {} : { parameterKeyId }),
    }),
  )

  return {
    ...createEveryCell(async () => new Map((await directory.all()).map((cell) => [cell.name, partsOf(cell)]))),
    readTaskNews: createTaskNewsReader(directory, portsOf),
  }
}
