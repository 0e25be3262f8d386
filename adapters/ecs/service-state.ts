import type { Service } from '@aws-sdk/client-ecs'

/** Where a site's task runs: on what AWS may take back with two minutes' notice, for about a third of the price, or not. */
export type Capacity = 'FARGATE_SPOT' | 'FARGATE'

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

export const refusedCapacityOf = (service: Service): readonly Capacity[] =>
  service.desiredCount === 1 && placementOf(service) === 'refused' ? [capacityOf(service)] : []

/** Whether Spot has no place for a service's task. On demand ECS tries again by itself. */
export const lacksSpot = (service: Service): boolean =>
  capacityOf(service) === 'FARGATE_SPOT' && placementOf(service) === 'refused'

/** Whether a service was told to have no task. */
export const isHalted = ({ status, desiredCount }: Service): boolean => status === 'ACTIVE' && desiredCount === 0

/** Whether ECS starts a service's task without a further call. */
export const isStartedByEcs = (service: Service): boolean =>
  service.status === 'ACTIVE' && service.desiredCount === 1 && !isGivenUp(service) && !lacksSpot(service)

/** Whether ECS starts its task by itself, or it was stopped for the sleep of its site. */
export const stateOf = (service: Service): 'starting' | 'asleep' | undefined => {
  if (isStartedByEcs(service)) return 'starting'
  return isHalted(service) ? 'asleep' : undefined
}
