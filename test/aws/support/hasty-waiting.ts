import { setTimeout as timer } from 'node:timers/promises'

export const waiting = {
  lookEveryMilliseconds: 15,
  placementSeconds: 0,
  jobStartMilliseconds: 300,
  pause: async (milliseconds: number): Promise<void> => {
    await timer(milliseconds)
  },
  monotonic: () => performance.now(),
}
