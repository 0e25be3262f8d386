import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endLeftovers } from '../temporary-home/temporary-home.ts'
import { demoApi } from './api.ts'
import type { SpawnedHost } from './start-host.ts'
import { spawnHost } from './start-host.ts'
import type { Timeline } from './timeline.ts'

export interface OwnHost {
  readonly url: string
  /** Its state directory, which goes with it. */
  readonly home: string
}

/** A full pool shows what a visitor sees on a normal day. An empty one works too, so this gives up quietly. */
const waitForPool = async (origin: string) => {
  const health = demoApi(origin).health
  let { pool } = await health()
  for (let attempt = 0; attempt < 300 && pool.ready < pool.target; attempt += 1) {
    await sleep(100)
    pool = (await health()).pool
  }
  return pool
}

/** Runs with a host of its own, which is stopped whatever happens. */
export const withOwnHost = async <Result>(
  timeline: Timeline,
  run: (host: OwnHost) => Promise<Result>,
): Promise<Result> => {
  const interruption = new AbortController()
  const { signal } = interruption
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interruption.abort(new Error('Interrupted.')))
  const unlessInterrupted = <Output>(work: Promise<Output>): Promise<Output> => {
    const interrupted = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
    return Promise.race([work, interrupted])
  }

  const home = await mkdtemp(join(tmpdir(), 'sitewright-demo-'))
  let host: SpawnedHost | undefined
  try {
    // A Ctrl-C is for the demo, which then stops the host in good order. Whoever has a Stripe key has it for another host.
    const environment = { STRIPE_SECRET_KEY: undefined }
    const start = () => spawnHost({ home, signal, environment, hasOwnProcessGroup: true })
    host = await timeline.step('start a host', start, ({ url }) => url)
    const { url } = host
    const fill = () => unlessInterrupted(waitForPool(url))
    await timeline.step('fill its pool', fill, ({ ready, target }) => `${ready} of ${target} sites stand ready`)
    return await unlessInterrupted(run({ url, home }))
  } finally {
    await host?.stop()
    await endLeftovers(home)
    await rm(home, { recursive: true, force: true })
  }
}
