import type { CapacityProviderStrategyItem, Service } from '@aws-sdk/client-ecs'

/** Where a site's task runs: on what AWS may take back with two minutes' notice, for about a third of the price, or not. */
export type Capacity = 'FARGATE_SPOT' | 'FARGATE'

export const strategyOf = (capacity: Capacity): CapacityProviderStrategyItem[] => [
  { capacityProvider: capacity, weight: 1, base: 0 },
]

export const capacityOf = ({ capacityProviderStrategy = [] }: Service): Capacity =>
  capacityProviderStrategy.some(({ capacityProvider }) => capacityProvider === 'FARGATE_SPOT')
    ? 'FARGATE_SPOT'
    : 'FARGATE'

/**
 * Whether the task of a service's present deployment has found a place. ECS tells what stands in the way in the service's
 * events alone, as "unable to place a task. Reason: Capacity is unavailable at this time".
 */
export const placementOf = ({ deployments = [], events = [] }: Service): 'placed' | 'refused' | 'pending' => {
  const present = deployments.find(({ status }) => status === 'PRIMARY')
  if ((present?.runningCount ?? 0) + (present?.pendingCount ?? 0) > 0) return 'placed'
  const since = present?.createdAt?.getTime() ?? 0
  const isOfPresent = (at: Date | undefined): boolean => (at?.getTime() ?? 0) >= since
  const isRefused = events.some(
    ({ createdAt, message = '' }) => isOfPresent(createdAt) && /capacity is unavailable/i.test(message),
  )
  return isRefused ? 'refused' : 'pending'
}

/**
 * Whether ECS has given a service's present deployment up: after several tasks that failed, its circuit breaker starts no more of
 * them, until there is another deployment.
 */
export const isGivenUp = ({ deployments = [] }: Service): boolean =>
  deployments.some(({ status, rolloutState }) => status === 'PRIMARY' && rolloutState === 'FAILED')
