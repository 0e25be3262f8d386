import { DescribeServicesCommand, ListServicesCommand, ListTaskDefinitionsCommand } from '@aws-sdk/client-ecs'
import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { ListRolesCommand } from '@aws-sdk/client-iam'
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import type { SiteId } from '../../../core/ids.ts'
import type { AwsWorld } from './aws-world.ts'

const installation = 'sitewright-production'

/** How much of one site there is on AWS. */
const countOf = async ({ aws, cell }: AwsWorld, siteId: SiteId) => {
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

/** What of a site is not as it should be: one of each while it runs, none of anything once it is gone. */
export const brokenInvariants = async (
  world: AwsWorld,
  siteId: SiteId,
  expected: 'ready' | 'failed' | 'purged',
): Promise<readonly string[]> => {
  const site = await world.sites.get(siteId)
  const problems: string[] = []
  if (site?.status !== expected) problems.push(`the site is ${site?.status ?? 'unknown'} and not ${expected}`)
  const wanted = expected === 'ready' ? 1 : 0
  for (const [what, count] of Object.entries(await countOf(world, siteId))) {
    if (count !== wanted) problems.push(`${count} ${what} instead of ${wanted}`)
  }
  const task = world.aws.fargate.tasksOf(siteId).find(({ desiredStatus }) => desiredStatus === 'RUNNING')
  if (site?.status === 'ready' && site.endpoint?.host !== task?.host) {
    problems.push(`the site is recorded at ${site.endpoint?.host} and runs at ${task?.host}`)
  }
  return problems
}
