import type { Section } from '../measurement.ts'
import { openProxies } from '../router/open-proxies.ts'
import { median, ratioOfMedians } from '../statistics.ts'
import { echoLoad } from './echo-load.ts'

const rounds = 4
const milliseconds = 500

/** Echoes messages off the welcome site, directly and through each proxy, in turn. */
export const measureWebsocket = async (): Promise<Section> => {
  await using proxies = await openProxies()
  const rates = new Map<string, number[]>()
  for (const way of proxies.ways) await echoLoad(way, proxies.hostname, milliseconds / 2)
  for (let round = 0; round < rounds; round += 1) {
    for (const way of proxies.ways) {
      const sofar = rates.get(way.name) ?? []
      sofar.push(await echoLoad(way, proxies.hostname, milliseconds))
      rates.set(way.name, sofar)
    }
  }
  const router = rates.get('router') ?? []
  return {
    title: 'WebSocket echo',
    measurements: [
      ...[...rates].map(([name, all]) => ({ name: `echo, ${name}`, value: median(all), unit: 'messages/s' })),
      ...[...rates]
        .filter(([name]) => name !== 'router')
        .map(([name, all]) => ({ name: `echo, router / ${name}`, value: ratioOfMedians(router, all), unit: '×' })),
    ],
    notes: proxies.notes,
  }
}
