import { DescribeServicesCommand, ListServicesCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs'
import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { ListRolesCommand } from '@aws-sdk/client-iam'
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import type { SiteId } from '../../../core/ids.ts'
import type { AwsWorld } from './aws-world.ts'

const installation = 'sitewright-production'

/** How much of one site there is on AWS, by what it is. */
export const remainsOf = async (
  { aws, cell }: Pick<AwsWorld, 'aws' | 'cell'>,
  siteId: SiteId,
): Promise<Readonly<Record<string, number>>> => {
  const { ecs, efs, iam, ssm } = aws.clients
  const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster: cell.clusterArn, maxResults: 100 }))
  const named = serviceArns.filter((arn) => arn.endsWith(`/${siteId}`))
  const { services = [] } = named.length
    ? await ecs.send(new DescribeServicesCommand({ cluster: cell.clusterArn, services: named }))
    : {}
  const definitions = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: `${installation}-${siteId}`, status: 'ACTIVE' }),
  )
  const points = await efs.send(new DescribeAccessPointsCommand({ FileSystemId: cell.fileSystemId }))
  const roles = await iam.send(new ListRolesCommand({ PathPrefix: `/${installation}/sites/`, MaxItems: 1000 }))
  const parameters = await ssm.send(
    new GetParametersByPathCommand({ Path: `/sitewright/production/sites/${siteId}`, Recursive: true }),
  )
  return {
    services: services.filter(({ status }) => status === 'ACTIVE').length,
    'task definitions': definitions.taskDefinitionArns?.length ?? 0,
    'access points': points.AccessPoints?.filter(({ ClientToken }) => ClientToken === siteId).length ?? 0,
    roles: roles.Roles?.filter(({ RoleName = '' }) => RoleName.includes(siteId)).length ?? 0,
    parameters: parameters.Parameters?.length ?? 0,
    tasks: aws.fargate.tasksOf(siteId).filter(({ desiredStatus }) => desiredStatus === 'RUNNING').length,
  }
}
