import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectEngine, findEngine } from '../../adapters/containers/engine.ts'
import { endLeftovers } from '../demo/end-leftovers.ts'
import { readHomeId } from './read-home-id.ts'
import type { WhatRuns } from './what-runs.ts'
import { removeContainers, whatRuns } from './what-runs.ts'

export type RuntimeName = 'processes' | 'containers'

/** A host's state directory that goes away with this run, and with it whatever still runs of it. */
export interface TemporaryHome extends AsyncDisposable {
  readonly directory: string
  readonly whatRuns: () => Promise<WhatRuns>
}

/** Longer than a host waits: this asks for everything at once, beside a host that is busy with the same engine. */
const callMilliseconds = 300_000

/** @throws {Error} where containers are asked for and no engine answers. */
export const temporaryHome = async (purpose: string, runtime: RuntimeName): Promise<TemporaryHome> => {
  const found = runtime === 'containers' ? await findEngine() : undefined
  if (runtime === 'containers' && found === undefined) {
    throw new Error('No container engine answers: start Docker or Podman, or set DOCKER_HOST.')
  }
  const engine = found && connectEngine(process.env['DOCKER_HOST'] ? undefined : found.address, callMilliseconds)
  const directory = await mkdtemp(join(tmpdir(), `sitewright-${purpose}-`))
  return {
    directory,
    whatRuns: async () => {
      const homeId = await readHomeId(directory)
      return homeId === undefined ? { sites: [], engines: [] } : whatRuns(homeId, engine)
    },
    [Symbol.asyncDispose]: async () => {
      await endLeftovers(directory)
      const homeId = await readHomeId(directory)
      if (homeId !== undefined && engine !== undefined) await removeContainers(homeId, engine)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
