import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import * as z from 'zod'

/** restic's own settings: its repository, how to find the password, and the keys of its storage. */
const required = [
  ['RESTIC_REPOSITORY', 'RESTIC_REPOSITORY_FILE'],
  ['RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'],
] as const

/** Names the settings of restic that are missing, one of which has to be set; undefined if nothing is missing. */
export const missingOf = (environment: NodeJS.ProcessEnv): string | undefined =>
  required.find((names) => names.every((name) => !environment[name]))?.join(' or ')

const explained = (error: NodeJS.ErrnoException): Error =>
  error.code === 'ENOENT' ? new Error('restic is not installed; apt-get install restic') : error

/**
 * Runs restic in a directory, with this process's environment and output, until the signal ends it.
 * @throws {Error} if it is not installed, or fails.
 */
export const runRestic = async (
  directory: string,
  signal: AbortSignal,
  ...commandLine: readonly string[]
): Promise<void> => {
  const child = spawn('restic', commandLine, { cwd: directory, stdio: ['ignore', 'inherit', 'inherit'], signal })
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(explained(error)))
  })
  const [code, killedBy] = await Promise.race([once(child, 'exit'), failed])
  if (code !== 0) throw new Error(`restic ${commandLine[0]} ended with ${killedBy ?? code}`)
}

const snapshotsSchema = z.array(z.looseObject({ short_id: z.string(), time: z.string(), hostname: z.string() }))
type ResticSnapshot = z.infer<typeof snapshotsSchema>[number]

/** The last snapshot of each host with a tag. */
export const lastSnapshots = async (tag: string, signal: AbortSignal): Promise<readonly ResticSnapshot[]> => {
  const commandLine = ['snapshots', '--json', '--tag', tag]
  const { stdout } = await promisify(execFile)('restic', commandLine, { signal, maxBuffer: 2 ** 26 }).catch((error) => {
    throw explained(error)
  })
  const snapshots = snapshotsSchema
    .parse(JSON.parse(stdout))
    .toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))
  return [...new Map(snapshots.map((snapshot) => [snapshot.hostname, snapshot])).values()]
}
