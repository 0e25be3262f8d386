import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { ECSClient } from '@aws-sdk/client-ecs'
import type { EFSClient } from '@aws-sdk/client-efs'
import type { IAMClient } from '@aws-sdk/client-iam'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { AccessPointIds } from '../dynamodb/access-point-ids.ts'
import type { CellFileSystem } from '../dynamodb/cell-file-system.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import { createFargateRuntime } from '../ecs/fargate-runtime.ts'
import { type AccessPointStorage, createAccessPointStorage } from '../efs/access-point-storage.ts'
import { createSiteRoles } from '../iam/roles.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { createSiteParameters } from '../ssm/site-parameters.ts'
import type { CellParts } from './every-cell.ts'
import { limitServiceChanges, type RateLimit } from './rate-limit.ts'

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
  readonly lookEveryMilliseconds?: number
  readonly placementMilliseconds?: number
  readonly endMilliseconds?: number
}

/** One cell on AWS: Fargate, EFS, and for each site a role, its secrets and a port. */
export const createFargateCell = (options: FargateCellOptions): CellParts => {
  const {
    clients,
    cell,
    ports,
    isElsewhere = async () => false,
    accessPointIds: ids,
    fileSystem,
    installation,
    rolePath,
    parameterPath,
    parameterKeyId,
    log,
    changes = limitServiceChanges(),
    ...timing
  } = options
  const { ecs, efs, iam, logs, ssm } = clients
  const { lookEveryMilliseconds } = timing
  const anyStorage = createAccessPointStorage({
    efs,
    cell,
    installation,
    log,
    ...(ids === undefined ? {} : { ids }),
    ...(lookEveryMilliseconds === undefined ? {} : { lookEveryMilliseconds }),
  })
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
  const parameters = createSiteParameters({
    ssm,
    cell,
    installation,
    path: parameterPath,
    ...(parameterKeyId === undefined ? {} : { keyId: parameterKeyId }),
  })
  const roles = createSiteRoles({ iam, cell, installation, path: rolePath })
  return {
    storage,
    runtime: createFargateRuntime({
      ecs,
      logs,
      cell,
      installation,
      storage,
      roles,
      parameters,
      ports,
      isElsewhere,
      changes,
      log,
      ...timing,
    }),
  }
}
