import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** restic's own settings: its repository, how to find the password, and the keys of its storage. */
const required = [
  ['RESTIC_REPOSITORY', 'RESTIC_REPOSITORY_FILE'],
  ['RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'],
] as const

/** Names the settings of restic that are missing, one of which has to be set; undefined if nothing is missing. */
export const missingOf = (environment: NodeJS.ProcessEnv): string | undefined =>
  required.find((names) => names.every((name) => !environment[name]))?.join(' or ')

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
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('restic is not installed; apt-get install restic') : error),
    )
  })
  const [code, killedBy] = await Promise.race([once(child, 'exit'), failed])
  if (code !== 0) throw new Error(`restic ${commandLine[0]} ended with ${killedBy ?? code}`)
}
