import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
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

/** Gives an empty home its identity. All other files of a home are made later. */
const create = async (directory: string, path: string): Promise<HomeIdentity> => {
  const entries = await readdir(directory)
  if (entries.includes('database')) {
    throw new StartUpError(
      `${path} is missing, and ${directory} holds the state of a host. Put the file back from a backup, ` +
        'or set SITEWRIGHT_HOME to another directory to start with an empty home',
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
 * Reads `home.json`, or makes it in a new home. The caller must hold the home's lock.
 * @throws {StartUpError} if it is missing from a used home, unreadable, or of another format.
 */
export const readHomeIdentity = async (directory: string): Promise<HomeIdentity> => {
  const path = join(directory, 'home.json')
  const anyVersion = await readJsonFile(path, anyVersionSchema)
  if (anyVersion.found === 'nothing') return create(directory, path)
  const version = anyVersion.found === 'content' ? anyVersion.content.formatVersion : formatVersion
  if (version !== formatVersion) {
    // A later format will bring its own migration from this one.
    const age = version > formatVersion ? 'a newer' : 'an older'
    throw new StartUpError(
      `${directory} was written by ${age} Sitewright (format ${version}; this one knows ${formatVersion}). ` +
        'Start that version again, or set SITEWRIGHT_HOME to another directory',
    )
  }
  const identity = await readJsonFile(path, homeIdentitySchema)
  if (identity.found !== 'content') {
    throw new StartUpError(
      `${path} is damaged. Put it back from a backup, or set SITEWRIGHT_HOME to another directory to start with an empty home`,
    )
  }
  return identity.content
}

const anyIdentitySchema = z.looseObject({ homeId: z.string() })

/** The label of everything that a home runs; undefined if no host has used the home yet. */
export const readHomeId = async (home: string): Promise<string | undefined> => {
  const text = await readFile(join(home, 'home.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : anyIdentitySchema.parse(JSON.parse(text)).homeId
}
