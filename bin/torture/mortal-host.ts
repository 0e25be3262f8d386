import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../local/engine/free-port.ts'
import type { SpawnedHost } from '../demo/start-host.ts'
import { spawnHost } from '../demo/start-host.ts'
import type { RuntimeName } from '../temporary-home/temporary-home.ts'

/** Starts a host that is killed again and again, and always started on the same home and port. */
export const startMortalHost = async (options: {
  readonly home: string
  readonly runtime: RuntimeName
  readonly pool: number
  readonly onOutput: (text: string) => void
}) => {
  const { home, runtime, pool, onOutput } = options
  const port = await findFreePort()
  const start = (signal?: AbortSignal): Promise<SpawnedHost> =>
    spawnHost({
      home,
      port,
      onOutput,
      stopMilliseconds: 300_000,
      environment: { SITEWRIGHT_RUNTIME: runtime, SITEWRIGHT_POOL_SIZE: String(pool) },
      ...(signal === undefined ? {} : { signal }),
    })
  let host = await start()

  /** Starts it, and kills it after a while if it has not begun to serve by then. */
  const startAndKill = async (milliseconds: number): Promise<boolean> => {
    const killing = new AbortController()
    const over = new AbortController()
    const kill = sleep(milliseconds, undefined, { signal: over.signal }).then(
      () => killing.abort('kill'),
      () => undefined,
    )
    try {
      host = await start(killing.signal)
      return true
    } catch (error) {
      if (error === 'kill') return false
      throw error
    } finally {
      over.abort()
      await kill
    }
  }

  return {
    url: host.url,
    /** Kills it, and starts it again. With `inStart`, that start is killed too after so many milliseconds, and repeated. */
    killAndStart: async (inStart?: number): Promise<void> => {
      await host.kill()
      if (inStart !== undefined && (await startAndKill(inStart))) return
      host = await start()
    },
    stop: () => host.stop(),
  }
}

export type MortalHost = Awaited<ReturnType<typeof startMortalHost>>
