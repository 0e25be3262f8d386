import { fileURLToPath } from 'node:url'
import { demoApi } from '../../acceptance/api.ts'
import { openBenchHost } from '../host/bench-host.ts'
import type { Section } from '../measurement.ts'
import { percentile } from '../statistics.ts'
import { findProgram } from './find-program.ts'
import { loadWithWrk } from './measure-router.ts'
import { claimSite } from './open-proxies.ts'

const signups = 300
/** Enough for one core: the router, the site and the load wait for each other. */
const load = { connections: 2, seconds: 600 }
const title = 'Sign-ups while one site saturates a core'

/** Compares the times of sign-ups while nothing happens, and while a site gets as many requests as a core serves. */
export const measureBusySite = async (): Promise<Section> => {
  const wrk = await findProgram('wrk')
  if (wrk === undefined) return { title, measurements: [], notes: ['wrk is not installed, so this is left out.'] }
  await using host = await openBenchHost({
    purpose: 'busy-site',
    runtime: 'processes',
    pool: 1,
    environment: { SITEWRIGHT_BLUEPRINTS: fileURLToPath(new URL('blueprints', import.meta.url)) },
  })
  const { hostname } = await claimSite(host)
  const { signUp } = demoApi(host.url)
  const times = async (name: string): Promise<readonly number[]> => {
    const taken: number[] = []
    for (let index = 0; index < signups; index += 1) {
      const startedAt = performance.now()
      await signUp(`${name}-${index}@example.com`)
      taken.push(performance.now() - startedAt)
    }
    return taken
  }
  await times('first')
  const idle = percentile(await times('idle'), 0.99)
  const over = new AbortController()
  const loading = loadWithWrk(wrk, { port: host.port, host: hostname }, load, over.signal)
  const busy = percentile(await times('busy'), 0.99)
  over.abort()
  await loading.catch(() => undefined)
  return {
    title,
    measurements: [
      { name: 'sign-up, p99, idle', value: idle, unit: 'ms' },
      { name: 'sign-up, p99, a busy site', value: busy, unit: 'ms' },
      { name: 'sign-up, p99, busy / idle', value: busy / idle, unit: '×', bar: { atMost: 3 } },
    ],
    notes: [`${signups} sign-ups, one after the other; ${load.connections} connections to the site.`],
  }
}
