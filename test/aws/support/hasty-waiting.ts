import { setTimeout as timer } from 'node:timers/promises'
import type { waiting as deployed } from '../../../cloud/parts/waiting.ts'

export const waiting = {
  pollMilliseconds: 15,
  placementSeconds: 0,
  startsAtOnce: 8,
  copiesAtOnce: 8,
  jobStartMilliseconds: 300,
  // The longest is that of a sleep: two seconds for requests in progress, of which routers on AWS do not tell.
  pause: async (milliseconds: number): Promise<void> => {
    await timer(Math.min(milliseconds, 100))
  },
  routerMemoryMilliseconds: 15,
  makeRoom: async () => true,
  usageLatenessSeconds: 330,
  monotonic: () => performance.now(),
} satisfies Record<keyof typeof deployed, unknown>
