import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { ECSClient } from '@aws-sdk/client-ecs'
import type { EFSClient } from '@aws-sdk/client-efs'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { SSMClient } from '@aws-sdk/client-ssm'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Archiver, placeOfJob } from '../../core/ports/archives.ts'
import type { Log } from '../../core/ports/context.ts'
import {
  type SiteCommands,
  type SiteObserver,
  type SiteRuntime,
  type SiteStorage,
  stopForSleep,
} from '../../core/ports/runtime.ts'
import type { SitePlace } from '../../core/site/location.ts'
import type { AccessPointIds } from '../dynamodb/access-point-ids.ts'
import type { CellFileSystem } from '../dynamodb/cell-file-system.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import { createFargateRuntime } from '../ecs/fargate-runtime.ts'
import { type AccessPointStorage, createAccessPointStorage } from '../efs/access-point-storage.ts'
import { createSiteRoles } from '../iam/roles.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { createSiteParameters } from '../ssm/site-parameters.ts'
import { limitServiceChanges, type RateLimit } from './rate-limit.ts'

/** The parts of one cell that run sites. */
export interface CellParts {
  readonly runtime: SiteRuntime & SiteObserver & SiteCommands
  readonly storage: SiteStorage
}

const partOf = <Part>(parts: ReadonlyMap<string, Part>, { siteId, cell }: SitePlace): Part => {
  const part = parts.get(cell)
  if (part !== undefined) return part
  throw new SitewrightError(
    'RuntimeUnavailable',
    `${siteId} is of the cell '${cell}', which has not described itself: it cannot be reached.`,
  )
}

/** All cells as one: each call goes to the cell that it names. @param cells all cells by name. */
export const createEveryCell = (cells: () => Promise<ReadonlyMap<string, CellParts>>): CellParts => {
  const runtimeOf = async (place: SitePlace) => partOf(await cells(), place).runtime
  const storageOf = async (place: SitePlace) => partOf(await cells(), place).storage

  const inEach = async <Item>(list: (cell: CellParts) => Promise<readonly Item[]>): Promise<readonly Item[]> =>
    (await Promise.all([...(await cells()).values()].map(list))).flat()

  return {
    runtime: {
      start: async (launch) => (await runtimeOf(launch)).start(launch),
      prepare: async (launch) => (await runtimeOf(launch)).prepare?.(launch),
      startBeside: async (launch) => {
        const runtime = await runtimeOf(launch)
        await (runtime.startBeside ?? runtime.start)(launch)
      },
      startInBulk: async (launch) => {
        const runtime = await runtimeOf(launch)
        await (runtime.startInBulk ?? runtime.start)(launch)
      },
      runOnce: async (launch, run) => (await runtimeOf(launch)).runOnce(launch, run),
      locate: async (place, launch) => (await runtimeOf(place)).locate(place, launch),
      remove: async (place, requireWanted) => (await runtimeOf(place)).remove(place, requireWanted),
      stop: async (place, requireWanted) => stopForSleep(await runtimeOf(place), place, requireWanted),
      list: (options) => inEach(({ runtime }) => runtime.list(options)),
      countEnds: async (place, of) => (await runtimeOf(place)).countEnds(place, of),
      observe: async (place) => (await runtimeOf(place)).observe(place),
      readLogs: async (place, after) => (await runtimeOf(place)).readLogs(place, after),
    },
    storage: {
      prepare: async (home, owner) => (await storageOf(home)).prepare(home, owner),
      remove: async (home) => (await storageOf(home)).remove(home),
      release: async (home) => (await storageOf(home)).release?.(home),
      list: () => inEach(({ storage }) => storage.list()),
    },
  }
}

/** The archivers of all cells as one. @param archivers of all cells by name. */
export const createEveryArchiver = (archivers: () => Promise<ReadonlyMap<string, Archiver>>): Archiver => ({
  run: async (job) => partOf(await archivers(), placeOfJob(job)).run(job),
})

export interface FargateCellOptions {
  readonly clients: {
    readonly ecs: ECSClient
    readonly efs: EFSClient
    readonly iam: IAMClient
    readonly logs: CloudWatchLogsClient
    readonly ssm: SSMClient
  }
  readonly cell: CellDescription
  readonly ports: SitePorts
  /** Whether another cell has something of the site; there is none unless told. */
  readonly isElsewhere?: (siteId: SiteId) => Promise<boolean>
  /** Limits changes of services, in all cells together; a new account's quota unless told. */
  readonly changes?: RateLimit
  readonly log: Log
  readonly accessPointIds?: AccessPointIds
  readonly fileSystem?: Pick<CellFileSystem, 'recordOrRequireSame'>
  readonly installation: string
  /** The IAM path of sites' roles, such as `/sitewright-prod/sites/`. */
  readonly rolePath: string
  /** Below which sites' secrets are, such as `/sitewright/prod/sites`. */
  readonly parameterPath: string
  /** The KMS key of the secrets; only starting a site needs it. */
  readonly parameterKeyId?: string
  /** In milliseconds; on AWS a matter of seconds, in tests not. */
  readonly pollMilliseconds?: number
  readonly placementMilliseconds?: number
  readonly endMilliseconds?: number
}

/** One cell on AWS: Fargate, EFS, and for each site a role, its secrets and a port. */
export const createFargateCell = (options: FargateCellOptions): CellParts => {
  const { clients, cell, installation, fileSystem } = options
  const anyStorage = createAccessPointStorage({ ...options, efs: clients.efs, ids: options.accessPointIds })
  const storage: AccessPointStorage = {
    ...anyStorage,
    accessPointOf: async (...asked) => {
      await fileSystem?.recordOrRequireSame()
      return anyStorage.accessPointOf(...asked)
    },
    prepare: async (...asked) => {
      await fileSystem?.recordOrRequireSame()
      return anyStorage.prepare(...asked)
    },
  }
  const { rolePath, parameterPath, parameterKeyId: keyId } = options
  return {
    storage,
    runtime: createFargateRuntime({
      isElsewhere: async () => false,
      changes: limitServiceChanges(),
      ...options,
      ecs: clients.ecs,
      logs: clients.logs,
      storage,
      roles: createSiteRoles({ iam: clients.iam, cell, installation, path: rolePath }),
      parameters: createSiteParameters({ ssm: clients.ssm, cell, installation, path: parameterPath, keyId }),
    }),
  }
}
