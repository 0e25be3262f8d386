import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { oneOffLaunch } from '../../core/blueprint/one-off.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Launch, OneOff } from '../../core/ports/runtime.ts'
import type { SitePorts } from '../dynamodb/site-ports.ts'
import { type AccessPointStorage, siteOwner } from '../efs/access-point-storage.ts'
import type { SiteRoles } from '../iam/roles.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import type { SiteParameters } from '../ssm/site-parameters.ts'
import { type TaskDefinition, taskDefinitionOf } from './task-definition.ts'
import { parametersOf } from './task-parts.ts'

/** Where a site's task runs: on what AWS may take back with two minutes' notice, for about a third of the price, or not. */
export type Capacity = 'FARGATE_SPOT' | 'FARGATE'

/** How a service goes about its one task, besides what the task is. */
export type ServiceSettings = ReturnType<typeof serviceSettingsOf>

/**
 * Where no second task may have the data open, the old task ends before the new one starts, and ECS must not move it between
 * zones by a second one. Where the data allows it, the new one starts first.
 */
export const serviceSettingsOf = ({ data, outbound }: Blueprint, { subnets, securityGroups }: CellDescription) => ({
  networkConfiguration: {
    awsvpcConfiguration: {
      subnets: [...subnets[outbound]],
      securityGroups: [securityGroups[outbound]],
      assignPublicIp: outbound === 'internet' ? ('ENABLED' as const) : ('DISABLED' as const),
    },
  },
  deploymentConfiguration: {
    deploymentCircuitBreaker: { enable: true, rollback: true },
    ...(data.mode === 'exclusive'
      ? { minimumHealthyPercent: 0, maximumPercent: 100 }
      : { minimumHealthyPercent: 100, maximumPercent: 200 }),
  },
  availabilityZoneRebalancing: 'DISABLED' as const,
})

/** A launch in the terms of ECS. */
export interface Plan {
  readonly siteId: SiteId
  readonly plan: string
  readonly definition: TaskDefinition
  readonly settings: ServiceSettings
  readonly capacity: Capacity
  /** Whether no second task may have the data open. */
  readonly isExclusive: boolean
  /** A digest of the definition and the settings, to compare the running task with the wanted one, wherever it runs. */
  readonly digest: string
  /** The ARN of the revision of this digest, if it is known to be there. */
  readonly known?: string
}

/** A value that was set for the site is not the one of another site. */
const ofRun = ({ given, ...launch }: Launch, run: OneOff | undefined): Launch => {
  const own = { ...launch, ...(given && run?.secrets === undefined && { given }) }
  return run === undefined ? own : oneOffLaunch(own, run)
}

/** What the platform keeps for no longer than a command: its own variables, and all secrets if they are another site's. */
export const passingParametersOf = (launch: Launch, run: OneOff, port: number): Readonly<Record<string, string>> => ({
  ...(run.secrets && parametersOf(ofRun(launch, run), port)),
  ...run.environment,
})

/** Makes what a launch needs before its task definition can name it, and plans the launch. */
export const createLaunchPlans = (options: {
  readonly cell: CellDescription
  readonly storage: Pick<AccessPointStorage, 'accessPointOf'>
  readonly roles: SiteRoles
  readonly parameters: SiteParameters
  readonly ports: SitePorts
  readonly familyOf: (siteId: SiteId) => string
  readonly commandFamilyOf: (siteId: SiteId) => string
}) => {
  const { cell, storage, roles, parameters, ports, familyOf, commandFamilyOf } = options
  const arnsFor = async (
    launch: Launch,
    port: number,
    { areMade, run }: { areMade: boolean; run: OneOff | undefined },
  ) => {
    const { siteId } = launch
    const secrets = run?.secrets === undefined ? parametersOf(launch, port) : {}
    const own = areMade ? parameters.arnsOf(siteId, secrets) : await parameters.put(siteId, secrets)
    if (run === undefined) return own
    return { ...own, ...(await parameters.putPassing(siteId, passingParametersOf(launch, run, port))) }
  }

  /**
   * @param how.areMade whether its role and its parameters are there already, which takes no calls.
   * @param how.run the command to run instead.
   */
  return async (
    launch: Launch,
    { areMade = false, run }: { readonly areMade?: boolean; readonly run?: OneOff } = {},
  ): Promise<Plan> => {
    const { siteId, blueprint } = launch
    const port = await ports.claim(siteId)
    const { owner } = blueprint.data
    const accessPoint = await storage.accessPointOf(launch, owner)
    const definition = taskDefinitionOf(
      ofRun(launch, run),
      {
        family: run === undefined ? familyOf(siteId) : commandFamilyOf(siteId),
        port,
        owner: owner ?? siteOwner(siteId),
        accessPointId: accessPoint.id,
        roleArn: areMade ? roles.arnOf(siteId) : await roles.ensure(siteId, accessPoint.arn),
        parameters: await arnsFor(launch, port, { areMade, run }),
        hidesOutput: run?.hidesOutput,
      },
      cell,
    )
    const settings = serviceSettingsOf(blueprint, cell)
    return {
      siteId,
      plan: launch.plan,
      definition,
      settings,
      capacity: launch.interruptible ? 'FARGATE_SPOT' : 'FARGATE',
      isExclusive: blueprint.data.mode === 'exclusive',
      digest: contentDigest([definition, settings]),
    }
  }
}
