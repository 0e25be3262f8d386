import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'

/** The blueprints, each named after its mode of data. */
export const kinds = ['shared', 'exclusive'] as const
export type Kind = (typeof kinds)[number]

const blueprints = resolve(import.meta.dirname, '../../../blueprints')

/** For so long a version that fails its checks is tried. Version 3 is, while visitors are held. */
const startSeconds: Readonly<Record<number, number>> = { 3: 15, 4: 30 }

/** What each version says of itself. The first migration is compatible, and cannot run beside another version's writes. */
const releaseOf = (kind: Kind, version: number) => ({
  migrates: version === 4 || (version === 2 && kind === 'exclusive'),
  backwardCompatible: version < 4,
  checks: [{ path: '/api/release', contains: `"release":${version},"isFine":true` }],
  bakeSeconds: 0,
})

/** Writes both blueprints at a version, as variations of the welcome site. @returns their files. */
export const writeVersion = async (directory: string, version: number): Promise<readonly string[]> => {
  const welcome = await readBlueprint(join(blueprints, 'welcome.yaml'))
  const script = await readFile(new URL('start-release.mjs', import.meta.url), 'utf8')
  const command = ['node', `\${FILES_DIRECTORY}/start.mjs`]
  const containers = welcome.containers.map(({ build, process, environment, ...kept }) => ({
    ...kept,
    ...(build && { build: { ...build, context: resolve(blueprints, build.context) } }),
    process: { command, directory: resolve(blueprints, process?.directory ?? '.') },
    command,
    environment: { ...environment, RELEASE: String(version) },
    files: { 'start.mjs': script.replaceAll('$', '$$$$') },
  }))
  return Promise.all(
    kinds.map(async (kind) => {
      const traffic = { ...welcome.traffic, startSeconds: startSeconds[version] ?? 60 }
      const data = { ...welcome.data, mode: kind }
      const release = releaseOf(kind, version)
      const file = join(directory, `${kind}.json`)
      await writeFile(file, JSON.stringify({ ...welcome, name: kind, version, containers, traffic, data, release }))
      return file
    }),
  )
}
