import { fileURLToPath } from 'node:url'
import type { Measurement, Section } from '../measurement.ts'
import { median, ratioOfMedians } from '../statistics.ts'
import { findProgram } from './find-program.ts'
import { openProxies } from './open-proxies.ts'
import type { Load } from './wrk.ts'
import { loadWithWrk } from './wrk.ts'

const title = 'HTTP through the router, beside other reverse proxies'
const rounds = 3
const load = { connections: 32, seconds: 2 }
const warmUp = { connections: 32, seconds: 1 }

const rates = (loads: readonly Load[]): readonly number[] => loads.map(({ requestsPerSecond }) => requestsPerSecond)

const ratio = (all: ReadonlyMap<string, readonly Load[]>, other: string): Measurement[] => {
  const router = all.get('router')
  const others = all.get(other)
  if (router === undefined || others === undefined) return []
  return [
    {
      name: `router / ${other}, throughput`,
      value: ratioOfMedians(rates(router), rates(others)),
      unit: '×',
      ...(other === 'caddy' ? { bar: { atLeast: 1 } } : {}),
    },
  ]
}

/**
 * Loads a small page through each proxy in turn, and around again: what disturbs the machine disturbs them alike. The router
 * is the one of a whole host: it looks the hostname up, signs entitlements and cleans headers.
 */
export const measureRouter = async (): Promise<Section> => {
  const wrk = await findProgram('wrk')
  const hasUpstream = (await findProgram('nginx')) !== undefined || (await findProgram('caddy')) !== undefined
  if (wrk === undefined || !hasUpstream) {
    const missing = wrk === undefined ? 'wrk is' : 'neither nginx nor caddy is'
    return { title, measurements: [], notes: [`${missing} installed, so this is left out.`] }
  }
  const blueprints = fileURLToPath(new URL('blueprints', import.meta.url))
  await using proxies = await openProxies({ SITEWRIGHT_BLUEPRINTS: blueprints })
  const target = (port: number) => ({ port, host: proxies.hostname })
  const all = new Map<string, Load[]>()
  const ways = proxies.ways.filter(({ name }) => name !== 'direct')
  for (const { port } of ways) await loadWithWrk(wrk, target(port), warmUp)
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, port } of ways) {
      const loads = all.get(name) ?? []
      loads.push(await loadWithWrk(wrk, target(port), load))
      all.set(name, loads)
    }
  }
  return {
    title,
    measurements: [
      ...[...all].flatMap(([name, loads]): Measurement[] => [
        { name: `${name}, throughput`, value: median(rates(loads)), unit: 'requests/s' },
        { name: `${name}, p99`, value: median(loads.map(({ p99 }) => p99)), unit: 'ms' },
      ]),
      ...ratio(all, 'caddy'),
      ...ratio(all, 'nginx'),
    ],
    notes: [
      ...proxies.notes,
      `Medians of ${rounds} rounds; ${load.connections} connections, a page of 1 KiB, nginx with one worker, Caddy as it comes.`,
    ],
  }
}
