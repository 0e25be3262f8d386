import { ECRClient } from '@aws-sdk/client-ecr'
import { S3Client } from '@aws-sdk/client-s3'
import { SFNClient } from '@aws-sdk/client-sfn'
import { STSClient } from '@aws-sdk/client-sts'
import { ecsClient, efsClient, iamClient, logsClient, ssmClient } from '../../adapters/cells/clients.ts'
import { createEveryArchiver, createEveryCell, createFargateCell } from '../../adapters/cells/every-cell.ts'
import { limitServiceChanges } from '../../adapters/cells/rate-limit.ts'
import { createSiteLeftovers } from '../../adapters/cells/site-leftovers.ts'
import { createAccessPointIds } from '../../adapters/dynamodb/access-point-ids.ts'
import { createCellFileSystem } from '../../adapters/dynamodb/cell-file-system.ts'
import { createSitePorts, type SitePorts } from '../../adapters/dynamodb/site-ports.ts'
import { createPushedSoftware } from '../../adapters/ecr/pushed-software.ts'
import { createArchiverWatch, createFargateArchiver, siteOfArchiverTask } from '../../adapters/ecs/fargate-archiver.ts'
import { createSiteCheck } from '../../adapters/ecs/site-tasks.ts'
import { createTaskNewsReader } from '../../adapters/ecs/task-observation.ts'
import { createAccessPointStorage } from '../../adapters/efs/access-point-storage.ts'
import { createArchiverRoles } from '../../adapters/iam/roles.ts'
import { createArchiveBucket } from '../../adapters/s3/archive-store.ts'
import type { CellDescription } from '../../adapters/ssm/cell-description.ts'
import { createCellDirectory } from '../../adapters/ssm/cell-directory.ts'
import { createTaskTokens } from '../../adapters/stepfunctions/step-functions.ts'
import type { PortsOf } from '../../lambdas/_runtime/ports.ts'
import { type CloudContext, tables } from '../context.ts'
import { clientSettings } from './client-settings.ts'
import { waiting } from './waiting.ts'

/** Makes something of a cell once for each description that it gives of itself: a deploy may change what it says. */
const oncePerCell = <Made>(make: (cell: CellDescription) => Made): ((cell: CellDescription) => Made) => {
  const made = new Map<string, Made>()
  return (cell) => {
    const key = JSON.stringify(cell)
    const known = made.get(key) ?? make(cell)
    made.set(key, known)
    return known
  }
}

const directoryOf = ({ variable, cells }: CloudContext) =>
  createCellDirectory({ ssm: ssmClient(), path: variable('CELL_PARAMETERS'), cells })

/** Every cell of the configuration that has described itself, as one runtime and one storage. */
export const openCells = (context: CloudContext) => {
  const { names, clocks, log, randomness, optionalVariable } = context
  const clients = { ecs: ecsClient(), efs: efsClient(), iam: iamClient(), logs: logsClient(), ssm: ssmClient() }
  const directory = directoryOf(context)
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
      pollMilliseconds: waiting.pollMilliseconds,
      ...(parameterKeyId === undefined ? {} : { parameterKeyId }),
    }),
  )

  return {
    ...createEveryCell(async () => new Map((await directory.all()).map((cell) => [cell.name, partsOf(cell)]))),
    readTaskNews: createTaskNewsReader(directory, portsOf),
  }
}

export const openArchiver = (context: CloudContext): PortsOf['archiver:run'] => {
  const { names, clocks, log, variable } = context
  const clients = { ecs: ecsClient(), efs: efsClient(), iam: iamClient() }
  const archives = createArchiveBucket({ client: new S3Client(clientSettings), bucket: variable('ARCHIVE_BUCKET') })
  const directory = directoryOf(context)
  const { installation } = names

  const archiverOf = oncePerCell((cell) => {
    const fileSystem = createCellFileSystem({ ...tables(context), cell, log })
    const storage = createAccessPointStorage({
      efs: clients.efs,
      cell,
      installation,
      ids: createAccessPointIds({ ...tables(context), cell: cell.name }),
      log,
      pollMilliseconds: waiting.pollMilliseconds,
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

/** What completes the tasks of state machines that await a job of the archiver. */
export const openAwaitedJobs = (context: CloudContext, archives: ReturnType<typeof createArchiveBucket>) => ({
  jobWatch: createArchiverWatch({ ecs: ecsClient(), cells: directoryOf(context), archives }),
  taskTokens: createTaskTokens(new SFNClient(clientSettings)),
  siteOfArchiverTask,
})

export const openLeftovers = ({ names, log }: CloudContext) =>
  createSiteLeftovers({
    clients: { ecs: ecsClient(), iam: iamClient(), ssm: ssmClient() },
    installation: names.installation,
    rolePaths: [names.siteRolePath, names.archiverRolePath],
    parameterPath: names.siteParameters,
    log,
  })

export const openOwnSoftware = ({ names, region, variable }: CloudContext) => ({
  ownSoftware: createPushedSoftware({
    ecr: new ECRClient(clientSettings),
    sts: new STSClient(clientSettings),
    withCredentials: (credentials) => new ECRClient({ ...clientSettings, credentials }),
    region,
    installation: names.installation,
    pushRoleArn: variable('PUSH_ROLE'),
  }),
})
