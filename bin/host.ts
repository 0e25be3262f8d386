import { pino } from 'pino'
import { homeDirectory } from '../local/home/open-home.ts'
import { StartUpError } from '../local/home/start-up-error.ts'
import type { Host } from '../local/host.ts'
import { startHost } from '../local/host.ts'
import { readSettings } from '../local/settings.ts'
import config from '../sitewright.config.ts'

const start = async (): Promise<Host> => {
  const settings = readSettings(process.env)
  const log = pino({ level: settings.logLevel })
  return startHost({
    config,
    settings,
    homeDirectory: homeDirectory(process.env),
    environment: process.env,
    log,
  })
}

/** The first signal ends the host in good order, the second one at once. */
const stopOnSignal = (host: Host): void => {
  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    console.error('Stopping. Once more to stop at once.')
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

try {
  const host = await start()
  stopOnSignal(host)
  console.error(['', ...host.summary, ''].join('\n'))
} catch (error) {
  // Whoever can put it right needs the sentence, not the stack.
  console.error(error instanceof StartUpError ? `Sitewright cannot start: ${error.message}.` : error)
  process.exit(1)
}
