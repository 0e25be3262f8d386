import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endWithCommand } from '../../bin/command-line/run-to-end.ts'
import { childEnvironment } from './child-environment.ts'

const page = fileURLToPath(new URL('../../docs/bundles.md', import.meta.url))
const program = fileURLToPath(new URL('../../bin/site.ts', import.meta.url))

/** An installation that sites leave and come to: its console, and the home of a host. */
interface Installation {
  readonly url: string
  readonly home?: string
}

const run = async (file: string, parameters: readonly string[], options: { env: NodeJS.ProcessEnv; cwd?: string }) => {
  const running = promisify(execFile)(file, [...parameters], options)
  const forget = endWithCommand(() => running.child.kill('SIGKILL'))
  return running.finally(forget)
}

const environmentOf = ({ home }: Installation, more: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  childEnvironment({ SITEWRIGHT_HOME: home, ...more })

/** Runs `npm run site`. @returns what it prints; what it complains about, if it fails. */
export const runSite = async (
  at: Installation,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number; readonly said: string }> => {
  const all = [program, ...parameters, '--url', at.url, '--reason', 'a test']
  return run(process.execPath, all, { env: environmentOf(at, environment) }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  )
}

/** The commands of the page for administrators, in their order. */
export const commandsOfPage = async (): Promise<readonly string[]> =>
  [...(await readFile(page, 'utf8')).matchAll(/^```sh\n(.*?)^```/gms)].map(([, command = '']) => command)

/** Runs commands of the page in the directory of the bundles. Each returns what it prints. */
export const runInDirectory =
  (cwd: string, environment: NodeJS.ProcessEnv) =>
  async (at: Installation, command = ''): Promise<string> => {
    const here = command.replaceAll('npm run --silent site --', `"${process.execPath}" "${program}"`)
    return (await run('bash', ['-c', here], { env: environmentOf(at, environment), cwd })).stdout
  }

/** The key of a bundle, as its export prints it. */
export const keyIn = (said: string): string => /swbk_[\w-]{43}/.exec(said)?.[0] ?? ''

interface Entry {
  readonly path: string
  readonly type: string
  readonly sha256?: string
}

const entriesOf = async (bundle: string): Promise<readonly Entry[]> => {
  const lines = (await readFile(join(bundle, 'archive.manifest.jsonl'), 'utf8')).trim().split('\n').slice(1, -1)
  return lines.map((line) => JSON.parse(line) as Entry)
}

/** The digests of all files of a bundle's data, by their paths. */
export const digestsOf = async (bundle: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await entriesOf(bundle)).map(({ path, type, sha256 }) => [path, sha256 ?? type]))

/** How many files a bundle has, and the digest of their digests, as `sha256sum` prints them in the order of their paths. */
export const filesOf = async (bundle: string): Promise<{ readonly count: number; readonly digest: string }> => {
  const files = (await entriesOf(bundle)).flatMap(({ path, sha256 }) =>
    sha256 === undefined ? [] : [{ path, sha256 }],
  )
  const sorted = files.toSorted((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)))
  const lines = sorted.map(({ path, sha256 }) => `${sha256}  ./${path}\n`)
  return { count: files.length, digest: createHash('sha256').update(lines.join('')).digest('hex') }
}
