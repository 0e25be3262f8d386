import { mkdir } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { pino } from 'pino'
import { homeDirectory } from '../local/home/open-home.ts'
import { StartUpError } from '../local/home/start-up-error.ts'
import { type RouterProcesses, startRouterProcesses } from '../local/routers/router-processes.ts'
import { readSettings, usualRouters } from '../local/settings.ts'

/** sd_listen_fds(3): the first passed socket. */
const firstPassed = 3

const passedSocket = ({ LISTEN_PID, LISTEN_FDS }: NodeJS.ProcessEnv): number | undefined =>
  LISTEN_PID === String(process.pid) && Number(LISTEN_FDS) > 0 ? firstPassed : undefined

/** Runs the routers of a home as a service of their own. SIGHUP replaces them by draining. */
const run = async (): Promise<void> => {
  const settings = readSettings(process.env)
  const { logLevel } = settings
  const log = pino({ level: logLevel })
  const directory = join(homeDirectory(process.env), 'run')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const descriptor = passedSocket(process.env)
  let routers: RouterProcesses | undefined
  let mustReplace = false
  let isStopping = false
  /** Without a parent, processes that do not listen yet end by themselves. */
  const stop = async (): Promise<never> => {
    if (isStopping) process.exit(1)
    isStopping = true
    await routers?.stop()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {
    if (routers === undefined) mustReplace = true
    else void routers.replace()
  })
  // As the unit names it, through the symlink to the release: the kernel's own path is of the first release, which may be removed.
  if (isAbsolute(process.argv0)) process.execPath = process.argv0
  routers = await startRouterProcesses({
    count: settings.routers === 'service' ? usualRouters() : settings.routers,
    directory,
    logLevel,
    // Through the symlink too, so that replaced processes run a new release.
    program: resolve(process.argv[1] ?? '', '../../local/routers/router-process.ts'),
    ...(descriptor === undefined ? {} : { descriptor }),
    log,
  })
  if (mustReplace) await routers.replace()
}

run().catch((error: unknown) => {
  console.error(error instanceof StartUpError ? `The routers cannot start: ${error.message}.` : error)
  process.exit(1)
})
