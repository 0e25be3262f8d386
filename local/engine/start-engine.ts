import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { leftoverMarks } from '../../adapters/leftovers/find-leftovers.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Home } from '../home/open-home.ts'
import { readJsonFile } from '../home/read-json-file.ts'
import { StartUpError } from '../home/start-up-error.ts'
import {
  type EmbeddedEngineName,
  type Engine,
  type EngineFinders,
  type EngineName,
  type EngineProgram,
  embeddedEngines,
  engineFinders,
} from './engine.ts'
import { confinedPlace, type EnginePlace, exposedPlace, type FindConfinement, findConfinement } from './engine-place.ts'
import { type Child, keepRunning, notStarted, recordEngine, startChild, sweepEngines } from './keep-running.ts'
import { untilHung, waitUntilAnswering } from './until-hung.ts'

const recordSchema = z.strictObject({ engine: z.enum([...embeddedEngines, 'endpoint']) })

type EngineChoice =
  | { readonly name: 'endpoint'; readonly endpoint: string }
  | { readonly name: EmbeddedEngineName; readonly program: EngineProgram }

const titles: Readonly<Record<EngineName, string>> = {
  dynoxide: 'dynoxide',
  'dynamodb-local': 'DynamoDB Local',
  endpoint: 'the endpoint of DYNAMODB_ENDPOINT',
}

const forcedEngine = (environment: NodeJS.ProcessEnv): EmbeddedEngineName | undefined => {
  const value = environment['SITEWRIGHT_ENGINE']
  if (!value) return
  const name = embeddedEngines.find((engine) => engine === value)
  if (name === undefined)
    throw new StartUpError(`SITEWRIGHT_ENGINE is ${value}; set it to ${embeddedEngines.join(' or ')}`)
  return name
}

const parseEndpoint = (text: string): string => {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new StartUpError('DYNAMODB_ENDPOINT must be an http or https URL, such as http://127.0.0.1:8000')
  }
  return url.href
}

const findFirst = async (
  names: readonly EmbeddedEngineName[],
  finders: EngineFinders,
  environment: NodeJS.ProcessEnv,
): Promise<EngineProgram> => {
  const reasons: string[] = []
  for (const name of names) {
    const found = await finders[name](environment)
    if ('program' in found) return found.program
    reasons.push(`  ${titles[name]} ${found.missing}`)
  }
  const everyWay = names.length === embeddedEngines.length
  if (everyWay) reasons.push('  DYNAMODB_ENDPOINT, the URL of a running DynamoDB, is not set')
  throw new StartUpError(
    [
      everyWay
        ? 'no DynamoDB engine; provide one of these three:'
        : 'this home needs its DynamoDB engine, which cannot run:',
      ...reasons,
    ].join('\n'),
  )
}

/** Another engine does not have the data of this one: the state would seem lost. */
const refuseChange = (recorded: EngineName, wanted: EngineName | undefined): void => {
  if (recorded === wanted || (wanted === undefined && recorded !== 'endpoint')) return
  const other = wanted === undefined ? 'another engine' : titles[wanted]
  const remedy = recorded === 'endpoint' ? 'set DYNAMODB_ENDPOINT' : 'unset DYNAMODB_ENDPOINT and SITEWRIGHT_ENGINE'
  throw new StartUpError(
    `this home keeps its state in ${titles[recorded]}, and ${other} does not have it; ` +
      `${remedy}, or set SITEWRIGHT_HOME to another directory`,
  )
}

/**
 * Chooses the engine: `DYNAMODB_ENDPOINT`, otherwise the engine that this home has used, otherwise `SITEWRIGHT_ENGINE`,
 * otherwise the first that can run here. The choice is recorded and does not change for this home.
 * @throws {StartUpError} if none can run, or another one is recorded.
 */
export const chooseEngine = async (
  directory: string,
  environment: NodeJS.ProcessEnv,
  finders: EngineFinders,
): Promise<EngineChoice> => {
  const path = join(directory, 'engine.json')
  const file = await readJsonFile(path, recordSchema)
  if (file.found === 'garbage') throw new StartUpError(`${path} is damaged. Put it back from a backup`)
  const recorded = file.found === 'content' ? file.content.engine : undefined
  const endpoint = environment['DYNAMODB_ENDPOINT']
  const wanted = endpoint ? 'endpoint' : forcedEngine(environment)
  if (recorded !== undefined) refuseChange(recorded, wanted)

  const remember = async (choice: EngineChoice): Promise<EngineChoice> => {
    if (recorded === undefined) await replaceFile(path, JSON.stringify({ engine: choice.name }))
    return choice
  }
  if (endpoint) return remember({ name: 'endpoint', endpoint: parseEndpoint(endpoint) })
  const only = wanted ?? recorded
  const names = only === undefined || only === 'endpoint' ? embeddedEngines : [only]
  const program = await findFirst(names, finders, environment)
  return remember({ name: program.name, program })
}

interface StartEngineOptions {
  readonly home: Pick<Home, 'id' | 'directories'>
  readonly environment: NodeJS.ProcessEnv
  readonly log: Log
  /** Whether strangers can reach this host: then the engine must have a network namespace of its own. */
  readonly isPublic?: boolean
  readonly finders?: EngineFinders
  readonly findConfinement?: FindConfinement
  /** How long an endpoint may take to come up. */
  readonly endpointPatienceMilliseconds?: number
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
  if ('namespaces' in confinement) return { openPlace: () => confinedPlace(confinement, options.home.directories.run) }
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
        untilHung: (signal) => untilHung(place.address, signal),
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
