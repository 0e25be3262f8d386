import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'

/** The blueprints under traffic, each named after its mode of data. */
export const kinds = ['shared', 'exclusive'] as const
/** And the one whose sites sleep. */
export const names = [...kinds, 'sleepers'] as const
export type Kind = (typeof names)[number]

const blueprints = resolve(import.meta.dirname, '../../../blueprints')

const trafficScript = new URL('start-release.mjs', import.meta.url)
const sleeperScript = new URL('start-sleeper.mjs', import.meta.url)

/** For so long a version that fails is tried. Version 3 is, while visitors are held, and so are those of sites that sleep. */
const startSecondsOf = (kind: Kind, version: number): number =>
  version < 3 ? 60 : version === 3 || kind === 'sleepers' ? 15 : 30

/** What each version says of itself. The first migration is compatible, and cannot run beside another version's writes. */
const releaseOf = (kind: Kind, version: number) => {
  if (kind === 'sleepers') return { migrates: version === 3, backwardCompatible: true, bakeSeconds: 0 }
  return {
    migrates: version === 4 || (version === 2 && kind === 'exclusive'),
    backwardCompatible: version < 4,
    checks: [{ path: '/api/release', contains: `"release":${version},"isFine":true` }],
    bakeSeconds: 0,
  }
}

/** The gate of sites that sleep opens once their product knows its administrator. The others run whether or not somebody comes. */
const wayIn = (kind: Kind) =>
  kind === 'sleepers'
    ? { access: 'claimed', handOver: { hook: { path: '/hooks/owner', secret: 'HOOK_TOKEN' } } }
    : { sleep: 'never' }

/** Writes blueprints at a version, as variations of the welcome site. @returns their files. */
export const writeVersion = async (
  directory: string,
  version: number,
  which: readonly Kind[],
): Promise<readonly string[]> => {
  const welcome = await readBlueprint(join(blueprints, 'welcome.yaml'))
  return Promise.all(
    which.map(async (kind) => {
      const isSleeper = kind === 'sleepers'
      const script = await readFile(isSleeper ? sleeperScript : trafficScript, 'utf8')
      const command = ['node', `\${FILES_DIRECTORY}/start.mjs`]
      const containers = welcome.containers.map(({ build, process, environment, ...kept }) => ({
        ...kept,
        ...(build && { build: { ...build, context: resolve(blueprints, build.context) } }),
        process: { command, directory: resolve(blueprints, process?.directory ?? '.') },
        command,
        environment: { ...environment, RELEASE: String(version) },
        files: { 'start.mjs': script.replaceAll('$', '$$$$') },
        ...(isSleeper && { secrets: ['HOOK_TOKEN'] }),
      }))
      const traffic = { ...welcome.traffic, startSeconds: startSecondsOf(kind, version) }
      const data = { ...welcome.data, mode: isSleeper ? 'exclusive' : kind }
      const own = { name: kind, version, containers, traffic, data, release: releaseOf(kind, version), ...wayIn(kind) }
      const written = join(directory, `${kind}.json`)
      await writeFile(written, JSON.stringify({ ...welcome, ...own }))
      return written
    }),
  )
}
