import { readdir, readFile } from 'node:fs/promises'
import { readHomeId } from '../../local/home/home-identity.ts'
import type { BenchHost } from './host/bench-host.ts'
import type { Section } from './measurement.ts'

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

export const measureMemory = async (host: BenchHost): Promise<Section> => {
  const homeId = await readHomeId(host.home)
  const ids = await host.sitePorts()
  const engines = await processesWith(
    (environment) =>
      environment.get('SITEWRIGHT_HOME_ID') === homeId &&
      ['engine', 'relay'].includes(environment.get('SITEWRIGHT_ROLE') ?? ''),
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
    notes: ['Resident memory; for the sites proportional, because they share the code of Node.'],
  }
}

const mebibyte = 1024

/** A field of `/proc/<pid>/…` in kB, as MiB; 0 if the process has ended or is not readable. */
const memoryField = async (pid: number, file: 'status' | 'smaps_rollup', field: string): Promise<number> => {
  const text = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / mebibyte
}

const residentMemory = (pid: number): Promise<number> => memoryField(pid, 'status', 'VmRSS')

/** Proportional memory in MiB: shared pages count in part, so that all processes add up to the memory in use. */
const proportionalMemory = (pid: number): Promise<number> => memoryField(pid, 'smaps_rollup', 'Pss')

/** The processes whose environment passes a test, in containers or not; only readable ones. */
const processesWith = async (isMeant: (environment: ReadonlyMap<string, string>) => boolean) => {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    const environment = text.split('\0').map((entry): [string, string] => {
      const equals = entry.indexOf('=')
      return [entry.slice(0, equals), entry.slice(equals + 1)]
    })
    if (isMeant(new Map(environment))) found.push(Number(name))
  }
  return found
}
