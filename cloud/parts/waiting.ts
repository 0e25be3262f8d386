import { setTimeout as timer } from 'node:timers/promises'

/** How functions wait: a task on Fargate takes half a minute to start, so one check per second is enough. */
export const waiting = {
  pollMilliseconds: 1000,
  /** A network interface, a role that IAM has just learned of, the pull of an image: a minute as a rule. */
  placementSeconds: 180,
  startsAtOnce: 8,
  /** Each copy is a task of its own. */
  copiesAtOnce: 8,
  /** A task that starts a job has two minutes, and ECS lists a new task some seconds late. */
  jobStartMilliseconds: 180_000,
  pause: async (milliseconds: number): Promise<void> => {
    await timer(milliseconds)
  },
  /** What a router knows of a site is at most a second old. */
  routerMemoryMilliseconds: 1000,
  /** Fargate has room. */
  makeRoom: async () => true,
  /** Routers store it every five minutes; the rest is for slow writes. */
  usageLatenessSeconds: 330,
  monotonic: () => performance.now(),
} as const
