import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { readJsonFile } from '../home/read-json-file.ts'
import { StartUpError } from '../home/start-up-error.ts'
import {
  type EmbeddedEngineName,
  type EngineFinders,
  type EngineName,
  type EngineProgram,
  embeddedEngines,
} from './engine.ts'

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
