import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { leftoverMarks } from '../../adapters/leftovers/find-leftovers.ts'
import type { Home } from '../home/open-home.ts'
import { StartUpError } from '../home/start-up-error.ts'
import { chooseEngine } from './choose-engine.ts'
import { type FindConfinement, findConfinement } from './confinement.ts'
import { type Engine, type EngineFinders, type EngineLog, type EngineProgram, engineFinders } from './engine.ts'
import { confinedPlace, type EnginePlace, exposedPlace } from './engine-place.ts'
import { type Child, keepRunning, notStarted, startChild } from './keep-running.ts'
import { recordEngine, sweepEngines } from './sweep-engines.ts'
import { untilHung, type Watchfulness, waitUntilAnswering } from './until-hung.ts'

interface StartEngineOptions {
  readonly home: Pick<Home, 'id' | 'directories'>
  readonly environment: NodeJS.ProcessEnv
  readonly log: EngineLog
  /** Whether strangers can reach this host: then the engine must have a network namespace of its own. */
  readonly isPublic?: boolean
  readonly finders?: EngineFinders
  readonly findConfinement?: FindConfinement
  /** How long an endpoint may take to come up. */
  readonly endpointPatienceMilliseconds?: number
  readonly watchfulness?: Watchfulness
}

/** Long enough for a loaded machine to start a Java virtual machine. */
const startPatienceMilliseconds = 60_000

/** The variables that a program gets from the host's environment; never the secrets. */
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'JAVA_HOME', 'JAVA_TOOL_OPTIONS']

const environmentFor = ({ environment }: StartEngineOptions): Record<string, string> => ({
  ...Object.fromEntries(
    inherited.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  ),
  DDB_LOCAL_TELEMETRY: '0',
})

const useEndpoint = async (
  endpoint: string,
  { environment, endpointPatienceMilliseconds = 10_000 }: StartEngineOptions,
): Promise<Engine> => {
  const address: EngineAddress = {
    endpoint,
    region: environment['AWS_REGION'] || 'us-east-1',
    ...(environment['AWS_ACCESS_KEY_ID'] || environment['AWS_PROFILE']
      ? {}
      : { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
  }
  try {
    await waitUntilAnswering(address, { patienceMilliseconds: endpointPatienceMilliseconds })
  } catch (error) {
    throw new StartUpError(`DYNAMODB_ENDPOINT: ${new URL(endpoint).host} does not answer like DynamoDB: ${error}`)
  }
  return { name: 'endpoint', ...address, stop: async () => {} }
}

/** True once this child, and no other process on its port, answers; false if it ended first. */
const answers = async (child: Child, { address, isOwn }: EnginePlace): Promise<boolean> => {
  const { pid } = child
  if (pid === undefined) return false
  const over = new AbortController()
  const answered = waitUntilAnswering(address, { patienceMilliseconds: startPatienceMilliseconds, signal: over.signal })
    .then(() => isOwn(pid))
    .catch(() => false)
  const result = await Promise.race([answered, child.ended.then(() => false)])
  over.abort()
  return result
}

/** @throws {StartUpError} on a public host that cannot confine its engine. */
const findPlaces = async (program: EngineProgram, options: StartEngineOptions) => {
  const confinement = await (options.findConfinement ?? findConfinement)(environmentFor(options))
  if ('namespaces' in confinement) {
    return { openPlace: () => confinedPlace(confinement, options.home.directories.run) }
  }
  if (options.isPublic) {
    throw new StartUpError(
      'the database engine checks no credentials, so a public host runs it in a network namespace of its own, and that ' +
        `is not possible here: ${confinement.impossible}; allow unprivileged user namespaces, or set DYNAMODB_ENDPOINT`,
    )
  }
  if (program.warning !== undefined) options.log.warn({ engine: program.name }, program.warning)
  return { openPlace: exposedPlace, exposed: confinement.impossible }
}

const startEmbedded = async (program: EngineProgram, options: StartEngineOptions): Promise<Engine> => {
  const { home, log } = options
  const logFile = join(home.directories.logs, 'engine.log')
  const { openPlace, ...exposure } = await findPlaces(program, options)
  const start = async (place: EnginePlace): Promise<Child> => {
    const command = place.commandFor(program, home.directories.database)
    const child = startChild({
      ...command,
      directory: home.directories.database,
      environment: { ...environmentFor(options), ...leftoverMarks(home.id, place.role) },
      logFile,
    })
    const commandLine = [command.command, ...command.arguments].join(' ')
    if (child.pid !== undefined) {
      // A full disk must not stop the host from tracking a running child.
      await recordEngine(home.directories.run, { pid: child.pid, commandLine }).catch((error: unknown) =>
        log.warn({ error: String(error) }, 'the engine could not be recorded'),
      )
    }
    return child
  }
  const startAgain = async (place: EnginePlace): Promise<Child> => {
    try {
      // A relay that was killed may have left its engine for a moment.
      await sweepEngines({ homeId: home.id, runDirectory: home.directories.run }, log)
    } catch (error) {
      return notStarted(String(error))
    }
    return start(place)
  }

  await writeFile(logFile, '', { mode: 0o600 })
  // Another program may take the port between the check and the start.
  for (let attempt = 0; attempt < 3; attempt++) {
    const place = await openPlace()
    const first = await start(place)
    if (await answers(first, place)) {
      const running = keepRunning({
        first,
        start: () => startAgain(place),
        untilHung: (signal) => untilHung(place.address, signal, options.watchfulness),
        log,
        name: program.name,
      })
      const stop = () => running.stop().finally(place.close)
      return { name: program.name, ...place.address, ...exposure, stop }
    }
    await first.end(0)
    place.close()
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

/** The words for an operator on who else reaches the engine: none, as a rule. */
export const exposureOf = ({ exposed }: Pick<Engine, 'exposed'>): string =>
  exposed === undefined
    ? ''
    : `, OPEN to every user of this machine and every page in its browsers: no network namespace (${exposed})`
