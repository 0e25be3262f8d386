import { readHomeId } from '../../bin/temporary-home/read-home-id.ts'
import type { BenchHost } from '../host/bench-host.ts'
import type { Section } from '../measurement.ts'
import { processesWith, proportionalMemory, residentMemory } from './process-memory.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** What a host with its sites takes of the machine's memory at this moment. */
export const measureMemory = async (host: BenchHost): Promise<Section> => {
  const homeId = await readHomeId(host.home)
  const ids = await host.sitePorts()
  const engines = await processesWith(
    (environment) =>
      environment.get('SITEWRIGHT_HOME_ID') === homeId && environment.get('SITEWRIGHT_ROLE') === 'engine',
  )
  const sites = await processesWith((environment) => ids.has(environment.get('SITEWRIGHT_SITE_ID') ?? ''))
  const ofSites = sum(await Promise.all(sites.map(proportionalMemory)))
  return {
    title: `Memory with ${ids.size} idle sites`,
    measurements: [
      { name: `the host, with ${ids.size} idle sites`, value: await residentMemory(host.pid), unit: 'MiB' },
      { name: 'its database engine', value: sum(await Promise.all(engines.map(residentMemory))), unit: 'MiB' },
      { name: 'the sites, all together', value: ofSites, unit: 'MiB' },
      { name: 'the sites, each', value: ofSites / ids.size, unit: 'MiB' },
    ],
    notes: ['Resident memory; of the sites proportional, as they share the code of Node.'],
  }
}
