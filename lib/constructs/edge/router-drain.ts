import { Duration } from 'aws-cdk-lib'

/** How a router leaves: the load balancer sends it nothing new, it ends what it has, and only then may ECS kill it. */
export const routerDrain = {
  deregistration: Duration.seconds(30),
  /** Longer than the drain and the farewell after it. */
  stop: Duration.seconds(90),
} as const
