import { readdir, readFile } from 'node:fs/promises'
import timers from 'node:timers/promises'
import { eachAtOnce } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import { hasCode } from '../durable-files/replace-file.ts'

/** The purpose of a home's child process. A `relay` runs an engine in a network namespace. */
type LeftoverRole = 'engine' | 'relay' | 'site'

/** A process that an earlier host of this home started and left running. */
interface RuntimeLeftover {
  readonly pid: number
  /** Clock ticks since boot. Together with the pid it identifies one process uniquely. */
  readonly startTime: string
  readonly environment: Readonly<Record<string, string>>
}

/** Put these on every child process: they are how it is found again after its host was killed. */
export const leftoverMarks = (homeId: string, role: LeftoverRole): Record<string, string> => ({
  SITEWRIGHT_HOME_ID: homeId,
  SITEWRIGHT_ROLE: role,
})

/** Undefined where the process has ended, or belongs to another user: both can happen between two reads. */
const readProcessFile = async (pid: number, name: 'environ' | 'stat'): Promise<string | undefined> => {
  try {
    return await readFile(`/proc/${pid}/${name}`, 'utf8')
  } catch (error) {
    // Then it is not known what the process is.
    if (hasCode(error, 'EMFILE', 'ENFILE')) throw error
    return undefined
  }
}

/** When a process started, in clock ticks since boot; undefined for an ended one or a zombie, and anywhere but on Linux. */
export const startTimeOf = async (pid: number): Promise<string | undefined> => {
  const stat = await readProcessFile(pid, 'stat')
  // proc_pid_stat(5): the second field is the command in parentheses and may hold anything, so count from its end.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  return state === undefined || 'ZX'.includes(state) ? undefined : fields[18]
}

const parseEnvironment = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )

const inspect = async (pid: number): Promise<RuntimeLeftover | undefined> => {
  // The start time first: if the pid changes hands in between, the pair names no process, and nothing is killed.
  const startTime = await startTimeOf(pid)
  if (startTime === undefined) return
  const text = await readProcessFile(pid, 'environ')
  return text ? { pid, startTime, environment: parseEnvironment(text) } : undefined
}

/** A machine may have more processes than this one may open files. */
const inspectedAtOnce = 16

/** Finds the processes with this home's marks, except the caller's own. Reads `/proc`, so it finds nothing but on Linux. */
export const findLeftovers = async (homeId: string, role: LeftoverRole): Promise<readonly RuntimeLeftover[]> => {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found: RuntimeLeftover[] = []
  await eachAtOnce(pids, inspectedAtOnce, async (pid) => {
    const seen = pid === process.pid ? undefined : await inspect(pid)
    const { SITEWRIGHT_HOME_ID, SITEWRIGHT_ROLE } = seen?.environment ?? {}
    if (seen !== undefined && SITEWRIGHT_HOME_ID === homeId && SITEWRIGHT_ROLE === role) found.push(seen)
  })
  return found
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

const pause = 20

/** True once it has ended within the time. */
const endsWithin = async (milliseconds: number, { pid, startTime }: Pick<RuntimeLeftover, 'pid' | 'startTime'>) => {
  for (let waited = 0; ; waited += pause) {
    if ((await startTimeOf(pid)) !== startTime) return true
    if (waited >= milliseconds) return false
    await timers.setTimeout(pause)
  }
}

/**
 * Ends a leftover by SIGTERM, and by SIGKILL after the grace period. Leaves a pid alone that another process has by now.
 * @throws {Error} if it may not be killed, or outlives SIGKILL for ten seconds.
 */
export const killLeftover = async (
  leftover: Pick<RuntimeLeftover, 'pid' | 'startTime'>,
  { graceMilliseconds = 2000 }: { readonly graceMilliseconds?: number } = {},
): Promise<void> => {
  if (await endsWithin(0, leftover)) return
  signal(leftover.pid, 'SIGTERM')
  if (await endsWithin(graceMilliseconds, leftover)) return
  signal(leftover.pid, 'SIGKILL')
  if (!(await endsWithin(10_000, leftover))) {
    throw new Error(`process ${leftover.pid}, left by an earlier host, does not end; end it and start again`)
  }
}

/** A process may start another one while it is being ended. */
const rounds = 5

/**
 * Ends the sites that a killed host of this home left running: starting them again would double them. Waits `grace`
 * milliseconds before it kills. Elsewhere than on Linux it cannot find them, and logs that.
 * @throws {SitewrightError} `RuntimeUnavailable` where a process does not end.
 */
export const sweepLeftovers = async (options: {
  readonly homeId: string
  readonly grace: number
  readonly log: Pick<Log, 'info' | 'warn'>
}): Promise<void> => {
  const { homeId, grace, log } = options
  if (process.platform !== 'linux') {
    log.warn(
      { platform: process.platform },
      'processes that a killed host left running cannot be found on this platform',
    )
    return
  }
  for (let round = 1; round <= rounds; round += 1) {
    const leftovers = await findLeftovers(homeId, 'site')
    if (leftovers.length === 0) return
    log.info({ processes: leftovers.length }, 'ending processes that an earlier host left running')
    await Promise.all(leftovers.map((leftover) => killLeftover(leftover, { graceMilliseconds: grace })))
  }
  throw new SitewrightError(
    'RuntimeUnavailable',
    'Processes that an earlier host left running keep starting others. End them, or restart the machine.',
  )
}
