import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { endWithCommand, noteFailure, unlessEnding } from '../../bin/command-line/run-to-end.ts'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { httpCall } from '../support/http-call.ts'
import { awaitPool, temporaryHome } from '../support/temporary-home/temporary-home.ts'
import type { Timeline } from './timeline.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const keptOutput = 20_000
/** So long a host may print nothing while it starts. */
const startMilliseconds = 120_000
const healthMilliseconds = 5000
/** For a command that has failed or was told to end: shorter than such a command may take. */
const hurriedStopMilliseconds = 6000

export interface SpawnedHost {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly output: () => string
  /** Asks it to stop, and kills it after a timeout: that of the options by default. */
  readonly stop: (patienceMilliseconds?: number) => Promise<void>
  /** `kill -9`: it cleans up nothing. */
  readonly kill: () => Promise<void>
}

/**
 * Starts its own host on a free port, and waits until it can serve.
 * @throws {Error} with its output, if it ends, or neither answers nor prints for two minutes.
 */
export const spawnHost = async (options: {
  readonly home: string
  readonly port?: number
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The program, relative to the root of the repository; `bin/host.ts` by default. */
  readonly program?: string
  /** Aborts and leaves nothing running, unless the reason is `kill`, which acts on the host like `kill -9`. */
  readonly signal?: AbortSignal
  readonly hasOwnProcessGroup?: boolean
  /** The timeout for stopping: 30 s by default. A container engine removes one or two sites a second. */
  readonly stopMilliseconds?: number
  readonly onOutput?: (text: string) => void
}): Promise<SpawnedHost> => {
  const port = options.port ?? (await findFreePort())
  const child = spawn(process.execPath, [options.program ?? 'bin/host.ts'], {
    cwd: repository,
    env: { ...process.env, ...options.environment, PORT: String(port), SITEWRIGHT_HOME: options.home },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.hasOwnProcessGroup ?? false,
  })
  let output = ''
  let progressAt = performance.now()
  const keep = (chunk: unknown): void => {
    output = `${output}${chunk}`.slice(-keptOutput)
    options.onOutput?.(String(chunk))
    progressAt = performance.now()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  // Its sites may keep its output open, so that 'close' would wait for them.
  const exited = once(child, 'exit')
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded()) return
    child.kill(signal)
    await exited
  }
  const forget = endWithCommand(() => child.kill('SIGKILL'))
  void exited.finally(forget)
  const stop = async (patienceMilliseconds = options.stopMilliseconds ?? 30_000): Promise<void> => {
    const insist = setTimeout(() => child.kill('SIGKILL'), patienceMilliseconds)
    await end('SIGTERM')
    clearTimeout(insist)
  }

  const url = `http://localhost:${port}`
  const isHealthy = () =>
    httpCall({ url: `${url}/v1/health`, patienceMilliseconds: healthMilliseconds }).then(
      ({ status }) => status === 200,
      () => false,
    )
  while (!(await isHealthy())) {
    if (hasEnded()) throw new Error(`The host ended while it started. It printed:\n${output}`)
    if (options.signal?.aborted) {
      await (options.signal.reason === 'kill' ? end('SIGKILL') : stop(hurriedStopMilliseconds))
      throw options.signal.reason
    }
    if (performance.now() - progressAt > startMilliseconds) {
      await end('SIGKILL')
      throw new Error(`The host does not answer at ${url}/v1/health. It printed:\n${output}`)
    }
    await sleep(50)
  }
  if (child.pid === undefined) throw new Error('a process that answers has an id')
  return { url, port, pid: child.pid, output: () => output, stop, kill: () => end('SIGKILL') }
}

/** Does some work with a host, and stops it: in a hurry where the work fails, or the signal ends it. */
export const useHost = async <Result>(
  host: Pick<SpawnedHost, 'stop'>,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await unlessEnding(signal, work())
  } catch (error) {
    noteFailure(error)
    await host.stop(hurriedStopMilliseconds)
    throw error
  } finally {
    await host.stop()
  }
}

export interface OwnHost {
  readonly url: string
  readonly port: number
  readonly home: string
}

interface OwnHosts {
  readonly timeline: Timeline
  readonly program?: string | undefined
  /** One for each host. */
  readonly environments: readonly Readonly<Record<string, string>>[]
  readonly signal: AbortSignal
}

/**
 * Starts hosts with homes of their own, and stops them all at once.
 * @param options.program as for `spawnHost`, and so is the environment.
 */
export const withOwnHosts = async <Result>(
  { timeline, program, environments, signal }: OwnHosts,
  run: (hosts: readonly OwnHost[]) => Promise<Result>,
): Promise<Result> => {
  const runtime = process.env['SITEWRIGHT_RUNTIME'] === 'containers' ? 'containers' : 'processes'
  const start = async (added: Readonly<Record<string, string>>, home: string): Promise<SpawnedHost> => {
    // Ctrl-C is for the demo, which then stops the host in order. A Stripe key in the environment is for another host. The stories expect
    // the runtime of their variable, also where the host would find an engine.
    const environment = { ...added, SITEWRIGHT_RUNTIME: runtime, STRIPE_SECRET_KEY: undefined }
    const own = { home, signal, environment, hasOwnProcessGroup: true, ...(program && { program }) }
    return timeline.step(
      'start a host',
      () => spawnHost(own),
      ({ url }) => url,
    )
  }
  const open = async ([first, ...others]: OwnHosts['environments'], hosts: readonly OpenHost[]): Promise<Result> => {
    if (first === undefined) return useAll(hosts)
    await using home = await temporaryHome('demo', runtime)
    const host = await start(first, home.directory).catch(async (error: unknown) => {
      await Promise.all(hosts.map(({ stop }) => stop(hurriedStopMilliseconds)))
      throw error
    })
    return await open(others, [...hosts, { ...host, home: home.directory }])
  }
  const useAll = (hosts: readonly OpenHost[]): Promise<Result> => {
    const stop = async (patience?: number): Promise<void> => {
      await Promise.all(hosts.map((host) => host.stop(patience)))
    }
    return useHost({ stop }, signal, async () => {
      for (const { url } of hosts) {
        // A full pool shows the usual case of a visitor. An empty one works too.
        const fill = () => awaitPool(url, 30_000)
        await timeline.step('fill its pool', fill, ({ ready, target }) => `${ready} of ${target} sites are ready`)
      }
      return run(hosts)
    })
  }
  return open(environments, [])
}

type OpenHost = OwnHost & Pick<SpawnedHost, 'stop'>
