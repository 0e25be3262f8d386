import { awaitPool, temporaryHome } from '../temporary-home/temporary-home.ts'
import type { SpawnedHost } from './start-host.ts'
import { spawnHost } from './start-host.ts'
import type { Timeline } from './timeline.ts'

export interface OwnHost {
  readonly url: string
  /** Its state directory, which goes with it. */
  readonly home: string
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

  await using home = await temporaryHome('demo', 'processes')
  // Ctrl-C is for the demo, which then stops the host in good order. A Stripe key in the environment is for another host.
  const environment = { STRIPE_SECRET_KEY: undefined }
  let host: SpawnedHost | undefined
  try {
    const start = () => spawnHost({ home: home.directory, signal, environment, hasOwnProcessGroup: true })
    host = await timeline.step('start a host', start, ({ url }) => url)
    const { url } = host
    // A full pool shows what a visitor sees on a normal day. An empty one works too.
    const fill = () => unlessInterrupted(awaitPool(url, 30_000))
    await timeline.step('fill its pool', fill, ({ ready, target }) => `${ready} of ${target} sites stand ready`)
    return await unlessInterrupted(run({ url, home: home.directory }))
  } finally {
    await host?.stop()
  }
}
