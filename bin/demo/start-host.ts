import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../local/engine/free-port.ts'
import { awaitPool, temporaryHome } from '../temporary-home/temporary-home.ts'
import { httpCall } from './http-call.ts'
import type { Timeline } from './timeline.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const keptOutput = 20_000
const startMilliseconds = 120_000

export interface SpawnedHost {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly output: () => string
  /** Asks it to stop, and kills it after a timeout. */
  readonly stop: () => Promise<void>
  /** `kill -9`: it cleans up nothing. */
  readonly kill: () => Promise<void>
}

/**
 * Starts its own host on a free port, and waits until it can serve.
 * @throws {Error} with its output, if it ends or does not answer within two minutes.
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
  const keep = (chunk: unknown): void => {
    output = `${output}${chunk}`.slice(-keptOutput)
    options.onOutput?.(String(chunk))
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
  const stop = async (): Promise<void> => {
    const insist = setTimeout(() => child.kill('SIGKILL'), options.stopMilliseconds ?? 30_000)
    await end('SIGTERM')
    clearTimeout(insist)
  }

  const url = `http://localhost:${port}`
  const isHealthy = () =>
    httpCall({ url: `${url}/v1/health` }).then(
      ({ status }) => status === 200,
      () => false,
    )
  const startedAt = performance.now()
  while (!(await isHealthy())) {
    if (hasEnded()) throw new Error(`The host ended while it started. It printed:\n${output}`)
    if (options.signal?.aborted) {
      await (options.signal.reason === 'kill' ? end('SIGKILL') : stop())
      throw options.signal.reason
    }
    if (performance.now() - startedAt > startMilliseconds) {
      await end('SIGKILL')
      throw new Error(`The host does not answer at ${url}/v1/health. It printed:\n${output}`)
    }
    await sleep(50)
  }
  if (child.pid === undefined) throw new Error('a process that answers has an id')
  return { url, port, pid: child.pid, output: () => output, stop, kill: () => end('SIGKILL') }
}

export interface OwnHost {
  readonly url: string
  readonly home: string
}

/** @param options.program as for `spawnHost`, and so is the environment. */
export const withOwnHost = async <Result>(
  {
    timeline,
    program,
    environment: added,
  }: {
    readonly timeline: Timeline
    readonly program?: string | undefined
    readonly environment?: Readonly<Record<string, string>> | undefined
  },
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

  const runtime = process.env['SITEWRIGHT_RUNTIME'] === 'containers' ? 'containers' : 'processes'
  await using home = await temporaryHome('demo', runtime)
  // Ctrl-C is for the demo, which then stops the host in order. A Stripe key in the environment is for another host.
  const environment = { ...added, STRIPE_SECRET_KEY: undefined }
  let host: SpawnedHost | undefined
  try {
    const start = () =>
      spawnHost({
        home: home.directory,
        signal,
        environment,
        hasOwnProcessGroup: true,
        ...(program === undefined ? {} : { program }),
      })
    host = await timeline.step('start a host', start, ({ url }) => url)
    const { url } = host
    // A full pool shows the usual case of a visitor. An empty one works too.
    const fill = () => unlessInterrupted(awaitPool(url, 30_000))
    await timeline.step('fill its pool', fill, ({ ready, target }) => `${ready} of ${target} sites are ready`)
    return await unlessInterrupted(run({ url, home: home.directory }))
  } finally {
    await host?.stop()
  }
}
