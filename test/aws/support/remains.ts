import { DescribeServicesCommand, ListServicesCommand, paginateListTaskDefinitions } from '@aws-sdk/client-ecs'
import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { ListRolesCommand } from '@aws-sdk/client-iam'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import type { SiteId } from '../../../core/ids.ts'
import { archivePrefix } from '../../../core/ports/archives.ts'
import { homeName } from '../../../core/site/location.ts'
import type { AwsWorld } from './aws-world.ts'

const installation = 'sitewright-production'

/** How much of one site there is on AWS, by what it is. A wanted task is one that its service starts, whether it runs or not. */
export const remainsOf = async (
  { aws, cell }: Pick<AwsWorld, 'aws' | 'cell'>,
  siteId: SiteId,
): Promise<Readonly<Record<string, number>>> => {
  const { ecs, efs, iam, ssm, s3 } = aws.clients
  const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster: cell.clusterArn, maxResults: 100 }))
  const named = serviceArns.filter((arn) => arn.endsWith(`/${siteId}`))
  const { services = [] } = named.length
    ? await ecs.send(new DescribeServicesCommand({ cluster: cell.clusterArn, services: named }))
    : {}
  const families: string[] = []
  for await (const { taskDefinitionArns = [] } of paginateListTaskDefinitions({ client: ecs }, { status: 'ACTIVE' })) {
    for (const arn of taskDefinitionArns) families.push(arn.split('/').at(-1)?.split(':')[0] ?? '')
  }
  const points = await efs.send(new DescribeAccessPointsCommand({ FileSystemId: cell.fileSystemId }))
  const rolesBelow = async (path: string): Promise<number> => {
    const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix: path, MaxItems: 1000 }))
    return Roles.filter(({ RoleName = '' }) => RoleName.includes(siteId)).length
  }
  const Bucket = cell.archiver.bucketArn.split(':').at(-1)
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: archivePrefix(siteId) }))
  const outcomes = Contents.filter(({ Key = '' }) => Key.endsWith('.outcome.json')).length
  const parameters = await ssm.send(
    new GetParametersByPathCommand({ Path: `/sitewright/production/sites/${siteId}`, Recursive: true }),
  )
  const active = services.filter(({ status }) => status === 'ACTIVE')
  return {
    services: active.length,
    'wanted tasks': active.reduce((sum, { desiredCount = 0 }) => sum + desiredCount, 0),
    'task definitions': families.filter((family) => family === `${installation}-${siteId}`).length,
    'access points':
      points.AccessPoints?.filter(({ ClientToken }) =>
        ClientToken?.startsWith(homeName({ siteId, cell: 'local', generation: 1 })),
      ).length ?? 0,
    roles: await rolesBelow(`/${installation}/sites/`),
    parameters: parameters.Parameters?.length ?? 0,
    'objects of archives': Contents.length - outcomes,
    outcomes,
    'roles of jobs': await rolesBelow(`/${installation}/archiver/`),
    'task definitions of jobs': families.filter((family) => family.startsWith(`${installation}-archiver-${siteId}-`))
      .length,
    'tasks of jobs': aws.fargate
      .loneTasks()
      .filter(({ startedBy, lastStatus }) => startedBy?.startsWith(siteId) && lastStatus !== 'STOPPED').length,
    tasks: aws.fargate.tasksOf(siteId).filter(({ desiredStatus }) => desiredStatus === 'RUNNING').length,
  }
}
