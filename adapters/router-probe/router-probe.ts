import type { Log } from '../../core/ports/context.ts'
import type { HealthProbe } from '../../core/ports/runtime.ts'
import { probePath, probeToken } from './probe-question.ts'

/** Room for clocks that differ, within the minute that routers allow. */
const secondsGood = 30

/**
 * Has a router ask sites whether they are well: these admit nobody else. What the router cannot answer, because it is away
 * or does not know us, counts as not healthy and is logged.
 * @param options.routerUrl where routers answer for themselves, such as `https://router.sites.example`.
 * @param options.secret what routers know us by.
 * @param options.timeoutMilliseconds for the way to the router and its own question, which takes 1500 ms at most.
 * @param options.now epoch milliseconds of the wall clock.
 */
export const createRouterProbe = (options: {
  readonly routerUrl: string
  readonly secret: () => Promise<string>
  readonly log: Log
  readonly timeoutMilliseconds?: number
  readonly now?: () => number
}): HealthProbe => {
  const { routerUrl, secret, log, timeoutMilliseconds = 4000, now = Date.now } = options

  const ask = async (host: string, port: number, path: string): Promise<number> => {
    const question = { host, port, path, expires: Math.floor(now() / 1000) + secondsGood }
    const url = new URL(probePath, routerUrl)
    for (const [name, value] of Object.entries(question)) url.searchParams.set(name, String(value))
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${probeToken(question, await secret())}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    // The connection is of use to the next question once there is nothing left on it.
    await response.arrayBuffer()
    return response.status
  }

  return {
    isHealthy: async ({ host, port }, path) => {
      try {
        const status = await ask(host, port, path)
        if (status !== 204 && status !== 503) log.warn({ status }, 'the router did not say how a site is')
        return status === 204
      } catch (error) {
        log.warn({ err: error }, 'the router could not be asked how a site is')
        return false
      }
    },
  }
}
