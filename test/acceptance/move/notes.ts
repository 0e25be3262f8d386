import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'
import { httpCall } from '../../support/http-call.ts'
import { asker, demoSite } from '../api.ts'
import type { Visits } from '../open-load.ts'

const ask = asker(httpCall)
const isContainers = process.env['SITEWRIGHT_RUNTIME'] === 'containers'

const startScript = new URL('start-notes.mjs', import.meta.url)
const repository = resolve(import.meta.dirname, '../../..')

/** Prints the digest of all files before Postgres opens them, as `filesOf` makes it from a bundle. */
const databaseCommand = [
  'sh',
  '-c',
  [
    'cd "${DATA_DIRECTORY}"',
    'find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | sed "s/^/starts with files /"',
    'exec /usr/local/bin/start-postgres',
  ].join('\n'),
]

/** Miniflux, which keeps its data in Postgres. */
const inContainers = async () => {
  const miniflux = await readBlueprint(join(repository, 'blueprints/examples/miniflux/miniflux.yaml'))
  const containers = miniflux.containers.map((container) =>
    container.name === 'database' ? { ...container, command: databaseCommand } : container,
  )
  return { ...miniflux, containers, outbound: 'none' }
}

/** The welcome site, which keeps its data in SQLite. */
const asProcesses = async () => {
  const welcome = await readBlueprint(join(repository, 'blueprints/welcome.yaml'))
  const [container] = welcome.containers
  const command = ['node', fileURLToPath(startScript)]
  const directory = join(repository, 'sites/welcome')
  return { ...welcome, containers: [{ ...container, process: { command, directory }, secrets: ['DB_PASSWORD'] }] }
}

/** Makes the blueprints of both hosts, and the disk of a cell of the first one. @returns the environment of each. */
export const prepareMove = async (directory: string): Promise<readonly Readonly<Record<string, string>>[]> => {
  const blueprints = join(directory, 'blueprints')
  for (const made of [blueprints, diskIn(directory)]) await mkdir(made)
  const blueprint = await (isContainers ? inContainers() : asProcesses())
  await writeFile(join(blueprints, 'welcome.json'), JSON.stringify({ ...blueprint, name: 'welcome' }))
  const shared = { SITEWRIGHT_BLUEPRINTS: blueprints }
  return [
    { ...shared, SITEWRIGHT_POOL_SIZE: '0', SITEWRIGHT_CELLS: `${cell}=${diskIn(directory)}` },
    // A site of the pool proves the blueprint there.
    { ...shared, SITEWRIGHT_POOL_SIZE: '1' },
  ]
}

export const cell = 'fast'
export const diskIn = (directory: string): string => join(directory, cell)

const categoriesSchema = z.array(z.looseObject({ title: z.string() }))

/** What visitors write into a site, and how they read it, at whichever address it has. */
export interface Notes {
  readonly visits: Visits | undefined
  readonly write: (url: string, text: string) => Promise<void>
  readonly read: (url: string) => Promise<readonly string[]>
}

const notesOfWelcome: Notes = {
  visits: undefined,
  write: async (url, text) => {
    await demoSite(url).write(text)
  },
  read: async (url) => (await demoSite(url).read()).map(({ text }) => text),
}

const notesOfMiniflux = (password: string): Notes => {
  const headers = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` }
  const path = '/v1/categories'
  const at = (url: string) => ({ url: new URL(path, url).href, headers })
  return {
    visits: { reads: '/v1/me', writes: path, bodyOf: (title) => ({ title }), headers },
    write: async (url, title) => {
      await ask({ method: 'POST', ...at(url), body: { title } }, [201], z.unknown())
    },
    read: async (url) => (await ask(at(url), [200], categoriesSchema)).body.map(({ title }) => title),
  }
}

/** @param revealPassword tells the administrator's password, once. */
export const notesOf = async (revealPassword: () => Promise<string>): Promise<Notes> =>
  isContainers ? notesOfMiniflux(await revealPassword()) : notesOfWelcome
