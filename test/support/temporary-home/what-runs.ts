import type { Engine } from '../../../adapters/containers/engine.ts'
import { siteContainers } from '../../../adapters/containers/site-containers.ts'
import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'

/** One process or container of a site, or what is left of one. */
export interface RunningPart {
  readonly siteId: string
  readonly kind: 'process' | 'container' | 'network'
  /** A container may exist and have ended. */
  readonly isRunning: boolean
  /** Sends `kill -9`. */
  readonly kill: () => Promise<void>
}

export interface WhatRuns {
  readonly sites: readonly RunningPart[]
  /** The database engines. */
  readonly engines: readonly { readonly pid: number }[]
}

const graceSeconds = 2

/** Everything on this machine with a home's labels. It includes containers if there is an engine. */
export const whatRuns = async (homeId: string, engine: Engine | undefined): Promise<WhatRuns> => {
  const [processes, engines] = await Promise.all([findLeftovers(homeId, 'site'), findLeftovers(homeId, 'engine')])
  const containers = engine === undefined ? undefined : siteContainers(engine, homeId, graceSeconds)
  const [found = [], networks = []] = await Promise.all([containers?.find(), containers?.findNetworks()])
  const inContainers = new Set(found.map(({ siteId }) => siteId))
  return {
    engines,
    sites: [
      ...processes.map(
        ({ pid, environment }): RunningPart => ({
          siteId: environment['SITEWRIGHT_SITE_ID'] ?? `process ${pid}`,
          kind: 'process',
          isRunning: true,
          kill: async () => {
            process.kill(pid, 'SIGKILL')
          },
        }),
      ),
      ...found.map(
        ({ siteId, id, isRunning }): RunningPart => ({
          siteId,
          kind: 'container',
          isRunning,
          kill: async () => {
            await engine?.calls.getContainer(id).kill()
          },
        }),
      ),
      ...networks
        .filter((siteId) => !inContainers.has(siteId))
        .map((siteId): RunningPart => ({ siteId, kind: 'network', isRunning: false, kill: async () => {} })),
    ],
  }
}

/** A line for everything that a stopped host left running. */
export const leftBehind = ({ sites, engines }: WhatRuns): readonly string[] => [
  ...sites.map(({ kind, siteId }) => `the stopped host left a ${kind} of ${siteId}`),
  ...engines.map(({ pid }) => `the stopped host left its engine, process ${pid}`),
]
