import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { readJsonFile } from './read-json-file.ts'
import { StartUpError } from './start-up-error.ts'

const formatVersion = 1

const homeIdentitySchema = z.object({
  formatVersion: z.literal(formatVersion),
  /** Marks what belongs to this home outside of it: containers, networks, child processes. Never changes. */
  homeId: z.string().regex(/^[0-9a-f]{16}$/),
  createdAt: z.iso.datetime({ precision: 3 }),
})
type HomeIdentity = z.infer<typeof homeIdentitySchema>

const anyVersionSchema = z.looseObject({ formatVersion: z.int() })

/** Gives an empty home its identity. Whatever else is in a home is made after this file. */
const create = async (directory: string, path: string): Promise<HomeIdentity> => {
  const entries = await readdir(directory)
  if (entries.includes('database')) {
    throw new StartUpError(
      `${path} is missing, and ${directory} holds the state of a host. Put the file back from a backup, ` +
        'or set SITEWRIGHT_HOME to another directory to begin anew',
    )
  }
  const identity: HomeIdentity = {
    formatVersion,
    homeId: randomBytes(8).toString('hex'),
    createdAt: new Date().toISOString(),
  }
  await replaceFile(path, `${JSON.stringify(identity, undefined, 2)}\n`)
  return identity
}

/**
 * Reads `home.json`, or makes it in a home that is new. Only for whoever holds the home's lock.
 * @throws {StartUpError} where it is missing from a home in use, cannot be understood, or is of another format.
 */
export const readHomeIdentity = async (directory: string): Promise<HomeIdentity> => {
  const path = join(directory, 'home.json')
  const anyVersion = await readJsonFile(path, anyVersionSchema)
  if (anyVersion.found === 'nothing') return create(directory, path)
  const version = anyVersion.found === 'content' ? anyVersion.content.formatVersion : formatVersion
  if (version !== formatVersion) {
    // A later format brings its own way up from this one.
    const age = version > formatVersion ? 'a newer' : 'an older'
    throw new StartUpError(
      `${directory} was written by ${age} Sitewright (format ${version}; this one knows ${formatVersion}). ` +
        'Start that version again, or set SITEWRIGHT_HOME to another directory',
    )
  }
  const identity = await readJsonFile(path, homeIdentitySchema)
  if (identity.found !== 'content') {
    throw new StartUpError(
      `${path} is damaged. Put it back from a backup, or set SITEWRIGHT_HOME to another directory to begin anew`,
    )
  }
  return identity.content
}
