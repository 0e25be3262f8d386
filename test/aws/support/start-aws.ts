import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CreateClusterCommand, type ECSClient } from '@aws-sdk/client-ecs'
import { CreateFileSystemCommand, type EFSClient } from '@aws-sdk/client-efs'
import type { IAMClient } from '@aws-sdk/client-iam'
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { SSMClient } from '@aws-sdk/client-ssm'
import { ecsClient, efsClient, iamClient, logsClient, ssmClient } from '../../../adapters/cells/clients.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { clientSettings } from '../client-settings.ts'
import { type PlayedFargate, playFargate } from './fargate.ts'
import { asProcesses, type RunTask } from './played-task.ts'

export interface StartedAws {
  /** The emulator with Fargate played before it. */
  readonly endpoint: string
  readonly fargate: PlayedFargate
  readonly settings: ReturnType<typeof clientSettings>
  readonly clients: {
    readonly ecs: ECSClient
    readonly efs: EFSClient
    readonly iam: IAMClient
    readonly logs: CloudWatchLogsClient
    readonly ssm: SSMClient
    readonly s3: S3Client
  }
  /** The name of this start, which all its resources bear. */
  readonly installation: string
  readonly rolePath: string
  readonly parameterPath: string
  /** Makes a cluster and a file system, and the installation's bucket of archives, and describes them as a cell's stack does. */
  readonly makeCell: (name: string) => Promise<CellDescription>
  readonly close: () => Promise<void>
}

const account = '123456789012'

/** The emulator has a default network; ECS checks whether the subnets of a service exist. */
const networkOf = async (
  endpoint: string,
  region: string,
): Promise<{ subnets: string[]; securityGroups: string[] }> => {
  const ask = async (action: string): Promise<string> => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/ec2/aws4_request, SignedHeaders=host, Signature=0`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ Action: action, Version: '2016-11-15' }),
    })
    return answer.text()
  }
  const idsIn = (xml: string, pattern: RegExp): string[] => [...new Set(xml.match(pattern))]
  return {
    subnets: idsIn(await ask('DescribeSubnets'), /subnet-[0-9a-f]+/g),
    securityGroups: idsIn(await ask('DescribeSecurityGroups'), /sg-[0-9a-f]+/g),
  }
}

/** The probe site of the tests, and whatever else Node runs: images have their programs in `/app`. */
export const probeProcesses: RunTask = asProcesses(({ command = [] }) => {
  const [program = 'node', ...args] = command
  const support = resolve(import.meta.dirname, '../../support')
  return [program === 'node' ? process.execPath : program, ...args.map((arg) => arg.replace('/app/', `${support}/`))]
})

/** @param options.run how a task runs on this machine; the tests' probe site as processes unless told. */
export const startAws = async ({
  run = probeProcesses,
  newHost,
}: {
  readonly run?: RunTask
  /** An address for a task; one of this machine unless told. */
  readonly newHost?: () => string
} = {}): Promise<StartedAws> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-aws-'))
  const fargate = await playFargate({ root: directory, run, ...(newHost === undefined ? {} : { newHost }) })
  const settings = { ...clientSettings(), endpoint: fargate.endpoint }
  const clients = {
    ecs: ecsClient(settings),
    efs: efsClient(settings),
    iam: iamClient(settings),
    // Past what is played, as for S3.
    logs: logsClient(clientSettings()),
    ssm: ssmClient(settings),
    // Past what is played, which passes text on; the emulator has one hostname for all buckets.
    s3: new S3Client({ ...clientSettings(), forcePathStyle: true }),
  }
  const stage = `t${randomBytes(4).toString('hex')}`
  const installation = `sitewright-${stage}`
  const bucket = `${installation}-archives`
  const network = await networkOf(clientSettings().endpoint, settings.region)

  return {
    endpoint: fargate.endpoint,
    fargate,
    settings,
    clients,
    installation,
    rolePath: `/${installation}/sites/`,
    parameterPath: `/sitewright/${stage}/sites`,
    makeCell: async (name) => {
      const { cluster } = await clients.ecs.send(new CreateClusterCommand({ clusterName: `${installation}-${name}` }))
      const files = await clients.efs.send(new CreateFileSystemCommand({ CreationToken: `${installation}-${name}` }))
      try {
        const CreateBucketConfiguration = { LocationConstraint: settings.region }
        await clients.s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration }))
      } catch (error) {
        // All cells have the same.
        if (!(error instanceof BucketAlreadyOwnedByYou)) throw error
      }
      const [subnet = '', ...others] = network.subnets
      return {
        schemaVersion: 1,
        name,
        clusterArn: cluster!.clusterArn!,
        fileSystemId: files.FileSystemId!,
        fileSystemArn: files.FileSystemArn!,
        subnets: { none: [subnet], internet: [others[0] ?? subnet] },
        securityGroups: { none: network.securityGroups[0]!, internet: network.securityGroups[0]! },
        executionRoleArn: `arn:aws:iam::${account}:role/${installation}-execution`,
        permissionsBoundaryArn: `arn:aws:iam::${account}:policy/${installation}-site-boundary`,
        logGroup: `/${installation}/sites/${name}`,
        helperImage: `${account}.dkr.ecr.${settings.region}.amazonaws.com/site-helper:1`,
        archiver: {
          image: `${account}.dkr.ecr.${settings.region}.amazonaws.com/archiver:1`,
          executionRoleArn: `arn:aws:iam::${account}:role/${installation}-archiver`,
          securityGroup: network.securityGroups[0]!,
          permissionsBoundaryArn: `arn:aws:iam::${account}:policy/${installation}-archiver-boundary`,
          logGroup: `/${installation}/archiver/${name}`,
          bucketArn: `arn:aws:s3:::${bucket}`,
          keyArn: `arn:aws:kms:${settings.region}:${account}:key/data`,
        },
      }
    },
    close: async () => {
      await fargate.close()
      for (const client of Object.values(clients)) client.destroy()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
