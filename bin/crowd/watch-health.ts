import { demoApi } from '../demo/api.ts'

const everyMilliseconds = 100

/**
 * Asks for the host's health ten times a second, whether or not the one before was answered: whoever waits for an answer
 * before asking again would not see how long others wait.
 */
export const watchHealth = (origin: string) => {
  const { health } = demoApi(origin)
  const milliseconds: number[] = []
  const failures: string[] = []
  const underWay = new Set<Promise<void>>()
  const sample = async (): Promise<void> => {
    const startedAt = performance.now()
    try {
      await health()
      milliseconds.push(performance.now() - startedAt)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  const timer = setInterval(() => {
    const sampling = sample().finally(() => underWay.delete(sampling))
    underWay.add(sampling)
  }, everyMilliseconds)
  return {
    stop: async () => {
      clearInterval(timer)
      await Promise.all(underWay)
      return { milliseconds, failures }
    },
  }
}
