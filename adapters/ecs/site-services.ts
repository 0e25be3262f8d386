import {
  type CapacityProviderStrategyItem,
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  type ECSClient,
  paginateListServices,
  type Service,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import { SitewrightError } from '../../core/errors.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import { asking, askingIfThere, batchesOf, everyItem, isNameTaken } from '../cells/aws-calls.ts'
import { ecsTags, tagNames } from '../cells/site-tags.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import type { Capacity, ServiceSettings } from './launch-plan.ts'

export const capacityOf = ({ capacityProviderStrategy = [] }: Service): Capacity =>
  capacityProviderStrategy.some(({ capacityProvider }) => capacityProvider === 'FARGATE_SPOT')
    ? 'FARGATE_SPOT'
    : 'FARGATE'

const started = /has started \d+ tasks/i
/** Whatever the reason: no capacity, a quota of vCPUs or tasks, no address in the subnet. ECS adds new reasons. */
const notPlaced = /unable to place a task/i

/**
 * Whether the task of a service's present deployment has a place. Only the service's events say that it has none:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 */
export const placementOf = ({ deployments = [], events = [] }: Service): 'placed' | 'refused' | 'pending' => {
  const present = deployments.find(({ status }) => status === 'PRIMARY')
  if ((present?.runningCount ?? 0) + (present?.pendingCount ?? 0) > 0) return 'placed'
  const since = present?.createdAt?.getTime() ?? 0
  // The newest comes first. A task that started since then had a place.
  const newest = events.find(
    ({ createdAt, message = '' }) =>
      (createdAt?.getTime() ?? 0) >= since && (notPlaced.test(message) || started.test(message)),
  )
  return notPlaced.test(newest?.message ?? '') ? 'refused' : 'pending'
}

/** Whether ECS has given up a service's present deployment: after several failed tasks its circuit breaker starts no more. */
export const isGivenUp = ({ deployments = [] }: Service): boolean =>
  deployments.some(({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'FAILED')

/** Whether a service's present deployment has completed: it is what ECS would go back to from the next one. */
export const hasCompleted = ({ deployments = [] }: Service): boolean =>
  deployments.some(({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'COMPLETED')

const refusedCapacityOf = (service: Service): readonly Capacity[] =>
  service.desiredCount === 1 && placementOf(service) === 'refused' ? [capacityOf(service)] : []

/** Whether Spot has no place for a service's task. On demand ECS tries again by itself. */
export const lacksSpot = (service: Service): boolean =>
  capacityOf(service) === 'FARGATE_SPOT' && placementOf(service) === 'refused'

export const isHalted = ({ status, desiredCount }: Service): boolean => status === 'ACTIVE' && desiredCount === 0

/** Whether ECS starts a service's task without a further call. */
export const isStartedByEcs = (service: Service): boolean =>
  service.status === 'ACTIVE' && service.desiredCount === 1 && !isGivenUp(service) && !lacksSpot(service)

/** Whether ECS starts its task by itself, or it was stopped for the sleep of its site. */
const stateOf = (service: Service): 'starting' | 'asleep' | undefined => {
  if (isStartedByEcs(service)) return 'starting'
  return isHalted(service) ? 'asleep' : undefined
}

/** Another try registered a later revision, made the service with it, and retired this one. */
const isRetired = (error: unknown): boolean =>
  error instanceof Error && /taskdefinition is inactive/i.test(error.message)

interface Wanted {
  readonly plan: string
  readonly taskDefinition: string
  readonly capacity: Capacity
  readonly settings: ServiceSettings
}

const strategyOf = (capacityProvider: Capacity): CapacityProviderStrategyItem[] => [
  { capacityProvider, weight: 1, base: 0 },
]

/** The most that one `DescribeServices` takes. */
const describedAtOnce = 10

/** The ECS services of a cell's sites, each named after its site. */
export const createSiteServices = (options: {
  readonly ecs: ECSClient
  readonly cell: CellDescription
  readonly installation: string
  readonly log: Log
}) => {
  const { ecs, cell, installation, log } = options
  const { clusterArn: cluster } = cell

  const describe = async (siteIds: SiteId[]): Promise<readonly Service[]> => {
    const { services = [], failures = [] } = await asking("look at sites' services", () =>
      ecs.send(new DescribeServicesCommand({ cluster, services: siteIds })),
    )
    const failure = failures.find(({ reason }) => reason !== 'MISSING')
    if (failure === undefined) return services
    throw new SitewrightError('RuntimeUnavailable', `ECS does not tell of ${siteIds.join(', ')}: ${failure.reason}.`)
  }

  const noteRefusals = (refused: readonly Capacity[]): void => {
    if (refused.length === 0) return
    const counts = Object.fromEntries([...Map.groupBy(refused, (one) => one)].map(([one, all]) => [one, all.length]))
    log.warn({ event: 'task-not-placed', cell: cell.name, ...counts }, 'tasks of sites have no place')
  }

  /** Tasks get the tags of their service. */
  const tagsOf = (siteId: SiteId, plan: string) => [
    ...ecsTags(installation, siteId),
    { key: tagNames.plan, value: plan },
  ]

  return {
    /** Also one that is ending or has ended; undefined where there was none for some time. */
    find: async (siteId: SiteId): Promise<Service | undefined> => (await describe([siteId]))[0],
    /** Which of the sites ECS will start by itself, and which were stopped for their sleep. Logs how many have no place. */
    statesOf: async (siteIds: readonly SiteId[]): Promise<ReadonlyMap<string, 'starting' | 'asleep'>> => {
      const found = new Map<string, 'starting' | 'asleep'>()
      const refused: Capacity[] = []
      // One after the other: ECS takes twenty such calls a second.
      for (const batch of batchesOf(siteIds, describedAtOnce)) {
        for (const service of await describe(batch)) {
          const state = stateOf(service)
          if (service.serviceName !== undefined && state !== undefined) found.set(service.serviceName, state)
          refused.push(...refusedCapacityOf(service))
        }
      }
      noteRefusals(refused)
      return found
    },
    /** @returns false where another try was faster, or a service of that name still ends. */
    create: async (siteId: SiteId, { plan, taskDefinition, capacity, settings }: Wanted): Promise<boolean> => {
      try {
        await ecs.send(
          new CreateServiceCommand({
            cluster,
            serviceName: siteId,
            // Without a client token: ECS may answer a used one, also after its service was deleted, and make nothing. The name is enough.
            taskDefinition,
            desiredCount: 1,
            capacityProviderStrategy: strategyOf(capacity),
            platformVersion: 'LATEST',
            ...settings,
            enableECSManagedTags: true,
            propagateTags: 'SERVICE',
            tags: tagsOf(siteId, plan),
          }),
        )
        return true
      } catch (error) {
        if (isNameTaken(error) || isRetired(error)) return false
        return asking('make a service', () => Promise.reject(error))
      }
    },
    replace: async (
      siteId: SiteId,
      { plan, taskDefinition, capacity, settings }: Wanted,
      found: Service,
    ): Promise<void> => {
      // Another plan comes with another size or kind of capacity.
      if (found.taskDefinition !== taskDefinition || (capacityOf(found) !== capacity && !lacksSpot(found))) {
        const tag = new TagResourceCommand({ resourceArn: found.serviceArn, tags: tagsOf(siteId, plan) })
        await asking('tag a service', () => ecs.send(tag))
      }
      await asking('change a service', () =>
        ecs.send(
          new UpdateServiceCommand({
            cluster,
            service: siteId,
            taskDefinition,
            desiredCount: 1,
            capacityProviderStrategy: strategyOf(capacity),
            ...settings,
            // Without it ECS refuses another capacity.
            forceNewDeployment: true,
          }),
        ),
      )
    },
    /** Ends the task and starts no other. */
    halt: async (siteId: SiteId): Promise<void> => {
      await askingIfThere('stop a service', () =>
        ecs.send(new UpdateServiceCommand({ cluster, service: siteId, desiredCount: 0 })),
      )
    },
    delete: async (siteId: SiteId): Promise<void> => {
      await askingIfThere('delete a service', () =>
        ecs.send(new DeleteServiceCommand({ cluster, service: siteId, force: true })),
      )
    },
    list: (): Promise<readonly SiteId[]> =>
      asking('list services', async () => {
        const pages = paginateListServices({ client: ecs, pageSize: 100 }, { cluster })
        const arns = await everyItem(pages, ({ serviceArns }) => serviceArns)
        return arns.map((arn) => arn.slice(arn.lastIndexOf('/') + 1)).filter((name) => isId('site', name))
      }),
  }
}
