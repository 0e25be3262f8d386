import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { leftoverMarks } from '../../adapters/leftovers/find-leftovers.ts'
import type { Home } from '../home/open-home.ts'
import { StartUpError } from '../home/start-up-error.ts'
import { chooseEngine } from './choose-engine.ts'
import type { Engine, EngineFinders, EngineLog, EngineProgram } from './engine.ts'
import { engineFinders } from './engine.ts'
import { findFreePort, listensOn } from './free-port.ts'
import type { Child } from './keep-running.ts'
import { keepRunning, startChild } from './keep-running.ts'
import { recordEngine, sweepEngines } from './sweep-engines.ts'
import type { Watchfulness } from './until-hung.ts'
import { untilHung, waitUntilAnswering } from './until-hung.ts'

interface StartEngineOptions {
  readonly home: Pick<Home, 'id' | 'directories'>
  readonly environment: NodeJS.ProcessEnv
  readonly log: EngineLog
  /** Whether strangers can reach this host: then the engine may listen on this machine only. */
  readonly isPublic?: boolean
  readonly finders?: EngineFinders
  /** How long an endpoint may take to come up. */
  readonly endpointPatienceMilliseconds?: number
  readonly watchfulness?: Watchfulness
}

/** Engines on one machine accept any credentials, but the SDK requires some. */
const anyCredentials = { accessKeyId: 'local', secretAccessKey: 'local' }

/** Long enough for a loaded machine to start a Java virtual machine. */
const startPatienceMilliseconds = 60_000

/** The variables that a program gets from the host's environment; never the secrets. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'JAVA_HOME', 'JAVA_TOOL_OPTIONS']

const environmentFor = ({ home, environment }: StartEngineOptions): Record<string, string> => ({
  ...Object.fromEntries(
    inherited.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  ),
  DDB_LOCAL_TELEMETRY: '0',
  ...leftoverMarks(home.id, 'engine'),
})

const useEndpoint = async (
  endpoint: string,
  { environment, endpointPatienceMilliseconds = 10_000 }: StartEngineOptions,
): Promise<Engine> => {
  const address: EngineAddress = {
    endpoint,
    region: environment['AWS_REGION'] || 'us-east-1',
    ...(environment['AWS_ACCESS_KEY_ID'] || environment['AWS_PROFILE'] ? {} : { credentials: anyCredentials }),
  }
  try {
    await waitUntilAnswering(address, { patienceMilliseconds: endpointPatienceMilliseconds })
  } catch (error) {
    throw new StartUpError(`DYNAMODB_ENDPOINT: ${new URL(endpoint).host} does not answer like DynamoDB: ${error}`)
  }
  return { name: 'endpoint', ...address, stop: async () => {} }
}

/** True once this child, and no other process on its port, answers; false if it ended first. */
const answers = async (child: Child, address: EngineAddress, port: number): Promise<boolean> => {
  const { pid } = child
  if (pid === undefined) return false
  const over = new AbortController()
  const answered = waitUntilAnswering(address, { patienceMilliseconds: startPatienceMilliseconds, signal: over.signal })
    .then(() => listensOn(pid, port))
    .catch(() => false)
  const result = await Promise.race([answered, child.ended.then(() => false)])
  over.abort()
  return result
}

const startEmbedded = async (program: EngineProgram, options: StartEngineOptions): Promise<Engine> => {
  const { home, log } = options
  const logFile = join(home.directories.logs, 'engine.log')
  const childEnvironment = environmentFor(options)
  const start = async (port: number): Promise<Child> => {
    const childArguments = program.argumentsFor({ port, directory: home.directories.database })
    const child = startChild({
      command: program.command,
      arguments: childArguments,
      directory: home.directories.database,
      environment: childEnvironment,
      logFile,
    })
    const commandLine = [program.command, ...childArguments].join(' ')
    if (child.pid !== undefined) {
      // A full disk must not stop the host from tracking a running child.
      await recordEngine(home.directories.run, { pid: child.pid, commandLine }).catch((error: unknown) =>
        log.warn({ error: String(error) }, 'the engine could not be recorded'),
      )
    }
    return child
  }

  await writeFile(logFile, '', { mode: 0o600 })
  if (program.warning !== undefined) log.warn({ engine: program.name }, program.warning)
  // Another program may take the port between the check and the start.
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await findFreePort()
    const address = { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: anyCredentials }
    const first = await start(port)
    if (await answers(first, address, port)) {
      const { stop } = keepRunning({
        first,
        start: () => start(port),
        untilHung: (signal) => untilHung(address, signal, options.watchfulness),
        log,
        name: program.name,
      })
      return { name: program.name, ...address, stop }
    }
    await first.end(0)
  }
  const output = await readFile(logFile, 'utf8').catch(() => '')
  throw new StartUpError(`${program.name} does not start; its output ends with:\n${output.slice(-2000).trim()}`)
}

/**
 * Starts this home's DynamoDB and returns once it answers. First ends what a killed host left running. If the engine
 * ends by itself or hangs, it is restarted at the same address.
 * @throws {StartUpError} if there is no engine, another one is recorded, or it does not start.
 */
export const startEngine = async (options: StartEngineOptions): Promise<Engine> => {
  const { home, environment, log } = options
  const finders = options.finders ?? engineFinders({ isPublic: options.isPublic ?? false })
  await sweepEngines({ homeId: home.id, runDirectory: home.directories.run }, log)
  const choice = await chooseEngine(home.directories.database, environment, finders)
  return choice.name === 'endpoint' ? useEndpoint(choice.endpoint, options) : startEmbedded(choice.program, options)
}
