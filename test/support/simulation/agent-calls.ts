import type { VirtualTime } from './virtual-time.ts'

/**
 * As `[burst, a second]`. Sources: AWS General Reference, "AWS Systems Manager endpoints and quotas" and "Amazon CloudWatch Logs
 * endpoints and quotas".
 */
const quotas = { parameterRead: [40, 40], logStream: [50, 50] } as const

/** The calls with which AWS itself starts a task. It repeats what is refused, so here they wait for their turn. */
export const createAgentCalls = (time: VirtualTime) => {
  const freeFrom = new Map<keyof typeof quotas, number>()

  const turn = async (quota: keyof typeof quotas, count: number): Promise<void> => {
    const [burst, perSecond] = quotas[quota]
    const earliest = time.now() - (1000 * burst) / perSecond
    const at = Math.max(earliest, freeFrom.get(quota) ?? earliest) + (1000 * count) / perSecond
    freeFrom.set(quota, at)
    await time.pause(Math.max(0, at - time.now()))
  }

  /** Starts a task of so many containers, each with a log stream. One of them has secrets. */
  return async (containers: number): Promise<void> => {
    await turn('parameterRead', 1)
    await turn('logStream', containers)
  }
}
