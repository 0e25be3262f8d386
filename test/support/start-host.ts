import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SpawnedHost, spawnHost } from '../acceptance/start-host.ts'
import { endLeftovers } from './temporary-home/temporary-home.ts'

export interface StartedHost extends SpawnedHost, AsyncDisposable {
  /** Its state directory: start another host with it to see what is resumed. */
  readonly home: string
}

/**
 * Starts the one-machine host on a free port with a temporary home, sites as processes, and waits until it serves.
 * `stop` (and disposing) ends it and whatever it left, and removes a home that was made here. After `kill`, give `home`
 * and `port` to another `startHost`.
 */
export const startHost = async (
  options: Pick<Parameters<typeof spawnHost>[0], 'onOutput'> & {
    env?: Readonly<Record<string, string>>
    home?: string
    port?: number
    program?: string
  } = {},
): Promise<StartedHost> => {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'sitewright-test-')))
  const removeHome = async () => {
    await endLeftovers(home)
    if (options.home === undefined) await rm(home, { recursive: true, force: true })
  }
  const spawned = await spawnHost({
    home,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.program === undefined ? {} : { program: options.program }),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
    environment: { SITEWRIGHT_RUNTIME: 'processes', SITEWRIGHT_ROUTERS: '1', ...options.env },
  }).catch(async (error: unknown) => {
    await removeHome()
    throw error
  })
  const stop = async () => {
    await spawned.stop()
    await removeHome()
  }
  return { ...spawned, home, stop, [Symbol.asyncDispose]: stop }
}
