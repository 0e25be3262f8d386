import { setTimeout as timer } from 'node:timers/promises'

export const waiting = {
  lookEveryMilliseconds: 15,
  pause: async (milliseconds: number): Promise<void> => {
    await timer(milliseconds)
  },
  monotonic: () => performance.now(),
}
