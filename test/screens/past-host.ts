import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SpawnedHost, spawnHost } from '../acceptance/start-host.ts'
import { machineCalls } from '../acceptance/story-api.ts'

const dayMilliseconds = 86_400_000

/**
 * Starts a host in the past: `/_local/clock` turns only the clock of deadlines, and pages show also times of the machine's clock. To
 * catch up, the host starts again with a later one.
 */
export const startPastHost = async (
  daysAgo: number,
  { directory, home, ...options }: Parameters<typeof spawnHost>[0] & { readonly directory: string },
) => {
  const file = join(directory, 'clock-shift')
  const environment = {
    ...options.environment,
    // The host passes variables with this prefix to its routers.
    NODE_CLOCK_SHIFT: file,
    NODE_OPTIONS: `--import=${import.meta.resolve('./shift-clock.mjs')}`,
  }
  let ahead = 0
  let shift = -daysAgo * dayMilliseconds
  const start = async (port?: number): Promise<SpawnedHost> => {
    await writeFile(file, String(shift))
    return spawnHost({ ...options, home, environment, ...(port === undefined ? {} : { port }) })
  }
  let host = await start()
  return {
    url: host.url,
    stop: (patience?: number) => host.stop(patience),
    /** Everything that falls due in these days happens. */
    advance: async (days: number): Promise<void> => {
      await machineCalls(host.url).turn(`P${days}D`)
      ahead += days
    },
    catchUp: async (): Promise<void> => {
      await host.stop()
      await rm(join(home, 'clock.json'))
      shift += ahead * dayMilliseconds
      ahead = 0
      host = await start(host.port)
    },
  }
}
