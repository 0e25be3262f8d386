import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectEngine, findEngine } from '../../../adapters/containers/engine.ts'
import { removeContainers } from '../../../adapters/containers/site-containers.ts'
import { findLeftovers, killLeftover } from '../../../adapters/leftovers/find-leftovers.ts'
import { endWithCommand } from '../../../bin/command-line/run-to-end.ts'
import { readHomeId } from '../../../local/home/home-identity.ts'
import { demoApi } from '../../acceptance/api.ts'
import { poll } from '../../acceptance/poll.ts'
import { type WhatRuns, whatRuns } from './what-runs.ts'

export type RuntimeName = 'processes' | 'containers'

/** A host's home that is removed after this run, with everything that still runs of it. */
export interface TemporaryHome extends AsyncDisposable {
  readonly directory: string
  readonly whatRuns: () => Promise<WhatRuns>
}

/** Longer than a host waits: this starts all requests at once, while a host uses the same engine. */
const callMilliseconds = 300_000

/** @throws {Error} if containers are required and no engine answers. */
export const temporaryHome = async (purpose: string, runtime: RuntimeName): Promise<TemporaryHome> => {
  const found = runtime === 'containers' ? await findEngine() : undefined
  if (runtime === 'containers' && found === undefined) {
    throw new Error('No container engine answers: start Docker or Podman, or set DOCKER_HOST.')
  }
  const engine =
    found && (await connectEngine(process.env['DOCKER_HOST'] ? undefined : found.address, callMilliseconds))
  const directory = await mkdtemp(join(tmpdir(), `sitewright-${purpose}-`))
  const end = async (): Promise<void> => {
    await endLeftovers(directory)
    const homeId = await readHomeId(directory)
    if (homeId !== undefined && engine !== undefined) await removeContainers(homeId, engine)
    await rm(directory, { recursive: true, force: true })
  }
  const forget = endWithCommand(end)
  return {
    directory,
    whatRuns: async () => {
      const homeId = await readHomeId(directory)
      return homeId === undefined ? { sites: [], engines: [] } : whatRuns(homeId, engine)
    },
    [Symbol.asyncDispose]: async () => {
      await end()
      forget()
    },
  }
}

/** Waits until the pool is at its target. @returns its state, at the latest after `patience` milliseconds. */
export const awaitPool = (origin: string, patience: number) =>
  poll(
    async () => (await demoApi(origin).health()).pool,
    ({ ready, target }) => ready === target,
    { patience, pause: 100 },
  )

/**
 * Ends the processes that a killed host left running. Another host of this home would do so when it starts;
 * this is for a home that no host will use again.
 */
export const endLeftovers = async (home: string): Promise<void> => {
  const homeId = await readHomeId(home)
  if (homeId === undefined) return
  for (const role of ['site', 'relay', 'engine'] as const) {
    const leftovers = await findLeftovers(homeId, role)
    await Promise.all(leftovers.map((leftover) => killLeftover(leftover)))
  }
}
