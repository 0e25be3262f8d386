import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { temporaryPaths } from '../command-line/run-to-end.ts'
import { findEngine, mustRun, type Run, run } from './engine.ts'

export const accessSchema = z.object({
  registry: z.string(),
  repository: z.string(),
  username: z.string(),
  password: z.string(),
  platform: z.string().optional(),
})

const isThisMachine = (registry: string): boolean =>
  /^(?:(?:[\w-]+\.)*localhost|127\.[\d.]+|\[::1\])(?::\d+)?$/.test(registry)

export type Access = z.infer<typeof accessSchema>

const ownPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`

/** For images that are not for machines like this one. */
export const platformWords = ({ platform = ownPlatform }: Access): readonly string[] =>
  platform === ownPlatform ? [] : ['--platform', platform]

export const buildAdvice = (access: Access): string => {
  const [, platform] = platformWords(access)
  if (platform === undefined) return ''
  return ` Sites run on ${platform}, and this machine is ${ownPlatform}: it needs QEMU, such as docker/setup-qemu-action at GitHub. Faster: build on ${platform}, such as the runner ubuntu-24.04-arm for linux/arm64.`
}

export type Must = (words: readonly string[], message: string, more?: Run) => Promise<string>

/** Asks for credentials; they are valid for an hour. */
export type AskAccess = () => Promise<Access>

const freshMilliseconds = 5 * 60_000

/** Asks anew once some of the time has gone, so that each push gets most of it. */
export const freshAccess = (ask: AskAccess): AskAccess => {
  let last: { readonly access: Access; readonly at: number } | undefined
  return async () => {
    const at = Date.now()
    if (last === undefined || at - last.at > freshMilliseconds) last = { access: await ask(), at }
    return last.access
  }
}

/** Works with the engine and registries. The credentials are kept apart from those of the person, and are gone afterwards. */
export const atRegistry = async (
  note: (line: string) => void,
  work: (engine: {
    readonly program: string
    readonly isPodman: boolean
    readonly must: Must
    /** @returns the options of commands that talk to the registry. */
    readonly signIn: (access: Access) => Promise<readonly string[]>
    readonly environment: NodeJS.ProcessEnv
    readonly directory: string
  }) => Promise<void>,
): Promise<void> => {
  const { program, isPodman } = await findEngine()
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-push-'))
  await using _ = temporaryPaths(directory)
  // The own configuration has no contexts: the engine of the chosen one, which builds, is named by its address.
  const address = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']
  const host = isPodman ? undefined : (await run(program, address))?.trim()
  const file = join(directory, 'config.json')
  const environment = { DOCKER_CONFIG: directory, REGISTRY_AUTH_FILE: file, ...(host && { DOCKER_HOST: host }) }
  // Not by `login`: an empty configuration has it write into the key store of the person, in place of their own login.
  const signIn = async ({ registry, username, password }: Access) => {
    const auth = Buffer.from(`${username}:${password}`).toString('base64')
    await writeFile(file, JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 })
    return isPodman && isThisMachine(registry) ? ['--tls-verify=false'] : []
  }
  const must: Must = (words, message, more = {}) => mustRun(program, words, message, { note, ...more })
  await work({ program, isPodman, must, signIn, environment, directory })
}
