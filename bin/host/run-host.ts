import { pino } from 'pino'
import type { Config } from '../../core/config/config.ts'
import { ConfigError } from '../../core/errors.ts'
import { homeDirectory } from '../../local/home/open-home.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'
import { type Host, startHost } from '../../local/host.ts'
import { readSettings } from '../../local/settings.ts'

const start = async (config: Config): Promise<Host> => {
  const settings = readSettings(process.env)
  return startHost({
    config,
    settings,
    homeDirectory: homeDirectory(process.env),
    environment: process.env,
    log: pino({ level: settings.logLevel }),
  })
}

/** The person who can correct it needs the sentence, not the stack. */
const report = (error: unknown): void => {
  const isEnough = error instanceof StartUpError || error instanceof ConfigError
  console.error(isEnough ? `Sitewright cannot start: ${error.message}.` : error)
}

/** Runs the host in this process until it is asked to stop; ends with 1 if it cannot start. @returns it once it has started. */
export const runHost = async (config: Config): Promise<Host> => {
  // The reader of the output may end first; that must not leave sites running.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)

  const starting = start(config)
  let stoppingSince: number | undefined

  /** Stops the host in order, also while it is starting; at once if asked again. */
  const stop = async (exitCode: number): Promise<void> => {
    if (stoppingSince !== undefined) {
      // The same Ctrl-C comes from the terminal and, a moment later, from npm.
      if (performance.now() - stoppingSince < 1000) return
      process.exit(1)
    }
    stoppingSince = performance.now()
    console.error('Stopping. Press Ctrl-C again to stop at once.')
    try {
      await (await starting).stop()
    } catch (error) {
      report(error)
      process.exit(1)
    }
    process.exit(exitCode)
  }

  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0))
  // Its terminal was closed, which may send it several times.
  process.on('SIGHUP', () => {
    if (stoppingSince === undefined) void stop(0)
  })
  process.on('uncaughtException', (error) => {
    report(error)
    stop(1)
  })

  try {
    const host = await starting
    console.error(['', ...host.summary, ''].join('\n'))
    return host
  } catch (error) {
    report(error)
    process.exit(1)
  }
}
