import type { ArnParts } from '../ssm/cell-description.ts'

type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>

export interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: Readonly<Record<string, string>>
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: Condition
}

/** An IAM policy as it is written down. */
export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

export const document = (...Statement: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
})

/** The actions of EFS clients: to mount, to write, and to act as root. */
export const mount = 'elasticfilesystem:ClientMount'
export const write = 'elasticfilesystem:ClientWrite'
const actAsRoot = 'elasticfilesystem:ClientRootAccess'

/** With `aws:SecureTransport`, about all that EFS knows of a mount: it does not look at tags. */
export const accessPointKey = 'elasticfilesystem:AccessPointArn'

/** Only ECS takes the role on, and only for tasks of this account and region: no confused deputy. */
export const siteTrustPolicy = ({ partition, region, account }: ArnParts): PolicyDocument =>
  document({
    Sid: 'TasksOfThisAccount',
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': `arn:${partition}:ecs:${region}:${account}:*` },
    },
  })

/** The one thing that a site may do: mount its own access point. */
export const siteRolePolicy = (own: { readonly fileSystemArn: string; readonly accessPointArn: string }) =>
  document({
    Sid: 'OwnData',
    Effect: 'Allow',
    Action: [mount, write],
    Resource: own.fileSystemArn,
    Condition: { StringEquals: { [accessPointKey]: own.accessPointArn } },
  })

/**
 * Allows mounts of these file systems through one of their access points.
 * @param accessPoints a pattern of ARNs, such as `arn:aws:elasticfilesystem:eu-central-1:111122223333:access-point/*`.
 */
export const mountsThroughAccessPoints = (
  fileSystemArns: string | readonly string[],
  accessPoints: string,
): PolicyStatement => ({
  Sid: 'MountsThroughAccessPoints',
  Effect: 'Allow',
  Action: [mount, write],
  Resource: fileSystemArns,
  Condition: { ArnLike: { [accessPointKey]: accessPoints } },
})

/** The most that a site's role can ever allow. It cannot tell sites apart, since EFS knows nothing of them but the access point. */
export const siteBoundary = (all: { readonly fileSystemArns: readonly string[]; readonly accessPoints: string }) =>
  document(mountsThroughAccessPoints(all.fileSystemArns, all.accessPoints))

/**
 * The file system's own policy. Its presence ends the access that EFS otherwise gives to every client, and it allows nothing
 * itself: only a role's own policy does. Its resource is the file system. Source: the Amazon EFS User Guide, "Using IAM to
 * control file system data access".
 */
export const fileSystemPolicy = (): PolicyDocument => {
  const everybody = { AWS: '*' }
  return document(
    {
      Sid: 'EncryptedConnectionsOnly',
      Effect: 'Deny',
      Principal: everybody,
      Action: [mount, write, actAsRoot],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      Sid: 'AccessPointsOnly',
      Effect: 'Deny',
      Principal: everybody,
      Action: [mount, write, actAsRoot],
      Condition: { Null: { [accessPointKey]: 'true' } },
    },
    { Sid: 'NobodyIsRoot', Effect: 'Deny', Principal: everybody, Action: actAsRoot },
  )
}
