import { execFile, type StdioOptions, spawn } from 'node:child_process'
import { readFile, realpath } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { findEngine } from '../adapters/containers/engine.ts'
import type { SiteId } from '../core/ids.ts'
import { containerPauses, takeBackupLock } from '../local/backup/pause-containers.ts'
import { restoreHome } from '../local/backup/restore-home.ts'
import { snapshotHome } from '../local/backup/snapshot-home.ts'
import { containerTraces } from '../local/home/container-traces.ts'
import { readHomeId } from '../local/home/home-identity.ts'
import { homeDirectory } from '../local/home/open-home.ts'
import { diskReserveSchema } from '../local/settings.ts'
import { runCommand, secondsText } from './command-line/read-options.ts'
import { endWithCommand } from './command-line/run-to-end.ts'

const usage = `Backs up the home of a host, which may run, with restic: encrypted, and only what has changed. Each site is paused for a moment.

  npm run backup                        backs up SITEWRIGHT_HOME
  npm run backup -- --restore latest    restores a snapshot into SITEWRIGHT_HOME, which must be empty

  --restore <snapshot>   a snapshot by restic's name for it, or latest

restic finds its repository (a directory, S3 and others) and password in RESTIC_REPOSITORY, RESTIC_PASSWORD_FILE and so on.
`

const explained = (error: NodeJS.ErrnoException): Error =>
  error.code === 'ENOENT' ? new Error('restic is not installed; apt-get install restic') : error

/** What restic prints. @throws {Error} if it is not installed, or fails. */
const readRestic = (signal: AbortSignal, ...commandLine: readonly string[]): Promise<string> =>
  promisify(execFile)('restic', commandLine, { signal, killSignal, maxBuffer: 2 ** 26 }).then(
    ({ stdout }) => stdout,
    (error) => {
      throw explained(error)
    },
  )

/** Before version 0.17, restic dies from SIGTERM and leaves its lock. */
const killSignal = 'SIGINT'

/**
 * Runs restic in a directory, with this process's environment and output, until it has ended: the signal only tells it to.
 * @throws {Error} if it is not installed, fails, or was told to end.
 */
const runRestic = async (directory: string, signal: AbortSignal, ...commandLine: readonly string[]): Promise<void> => {
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit']
  const child = spawn('restic', commandLine, { cwd: directory, stdio, signal, killSignal })
  const [code, killedBy] = await new Promise<readonly [number | null, string | null]>((resolve, reject) => {
    child.once('exit', (...end) => resolve(end))
    child.once('error', (error) => {
      if (!signal.aborted) reject(explained(error))
    })
  })
  signal.throwIfAborted()
  if (code !== 0) throw new Error(`restic ${commandLine[0]} ended with ${killedBy ?? code}`)
}

/** Of a process of this machine that has gone, and of another machine after half an hour without a sign of it. Others wait for neither. */
const removeStaleLocks = (signal: AbortSignal): Promise<void> => runRestic('.', signal, 'unlock')

const tag = 'sitewright'

const openPauses = async (home: string, homeId: string) => {
  const address = await containerTraces(home).engine()
  if (address === undefined) {
    console.error(
      'Sites of this home run as processes, which cannot be paused: their files are copied while they change.',
    )
    return undefined
  }
  const engine = await findEngine([address])
  if (engine?.address !== address) {
    const found = engine === undefined ? '' : ` (another one answers at ${engine.address})`
    throw new Error(
      `the engine of the host does not answer at ${address}${found}, so sites cannot be paused; start it, and set DOCKER_HOST as for the host`,
    )
  }
  return containerPauses(engine, homeId)
}

const skippedText = (skipped: ReadonlyMap<SiteId, string>): string =>
  [
    `The backup is made, but lacks the data of ${skipped.size} sites, or their software, which cannot be copied; correct it, and back up again:`,
    ...[...skipped].map(([siteId, reason]) => `  ${siteId}  ${reason}`),
  ].join('\n')

const takeBackup = async (home: string, signal: AbortSignal): Promise<void> => {
  const homeId = await readHomeId(home)
  if (homeId === undefined) throw new Error(`${home} is not the home of a host; set SITEWRIGHT_HOME`)
  const reserveMiB = diskReserveSchema.parse(process.env['SITEWRIGHT_DISK_RESERVE_MIB'] || undefined)
  const release = takeBackupLock(home)
  if (release === undefined) throw new Error(`another backup of ${home} runs`)
  try {
    const startedAt = performance.now()
    await removeStaleLocks(signal)
    const pauses = await openPauses(home, homeId)
    if (pauses !== undefined) endWithCommand(pauses.resumeAll)
    await pauses?.resumeAll()
    const pauseOf = (siteId: SiteId) => pauses?.pauseOf(siteId) ?? (async () => async () => {})
    await using snapshot = await snapshotHome(home, pauseOf, signal, { reserveMiB })
    // The upload may take hours: no site that a failed resume left paused waits for its end.
    await pauses?.resumeAll()
    await runRestic(snapshot.directory, signal, 'backup', '--tag', tag, '--host', homeId, '.')
    console.log(
      `Backed up ${snapshot.sites} sites in ${secondsText(performance.now() - startedAt)}; ` +
        `the longest pause of one was ${secondsText(snapshot.longestPauseMilliseconds)}.`,
    )
    if (snapshot.skipped.size > 0) throw new Error(skippedText(snapshot.skipped))
  } finally {
    release()
  }
}

const snapshotsSchema = z.array(z.looseObject({ short_id: z.string(), time: z.string(), hostname: z.string() }))
type ResticSnapshot = z.infer<typeof snapshotsSchema>[number]

/** The last snapshot of each host with a tag. */
const lastSnapshots = async (tag: string, signal: AbortSignal): Promise<readonly ResticSnapshot[]> => {
  const snapshots = snapshotsSchema
    .parse(JSON.parse(await readRestic(signal, 'snapshots', '--json', '--tag', tag)))
    .toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))
  return [...new Map(snapshots.map((snapshot) => [snapshot.hostname, snapshot])).values()]
}

/** @throws {Error} if the repository has snapshots of several homes: the latest may be of another than the one that is wanted. */
const requireOneHome = async (signal: AbortSignal): Promise<void> => {
  const snapshots = await lastSnapshots(tag, signal)
  if (snapshots.length < 2) return
  const lines = snapshots.map(({ short_id, time, hostname }) => `  ${short_id}  ${time.slice(0, 19)}  home ${hostname}`)
  throw new Error(
    `the repository has backups of ${lines.length} homes; name a snapshot instead of latest:\n${lines.join('\n')}`,
  )
}

/** Without it, holes of sparse files take disk once they are restored. restic has it since 0.15. */
const sparseOption = async (signal: AbortSignal): Promise<readonly string[]> => {
  return (await readRestic(signal, 'restore', '--help')).includes('--sparse') ? ['--sparse'] : []
}

const restore = async (home: string, snapshot: string, signal: AbortSignal): Promise<void> => {
  await removeStaleLocks(signal)
  if (snapshot === 'latest') await requireOneHome(signal)
  const sparse = await sparseOption(signal)
  const end = await restoreHome(home, (directory) =>
    runRestic('.', signal, 'restore', snapshot, '--tag', tag, '--target', directory, '--verify', ...sparse),
  )
  const done =
    end === 'restored'
      ? `Restored ${snapshot} to ${home}.`
      : `Completed an earlier restore to ${home}, which was killed, with the snapshot that it was of. To have ${snapshot} if that is another one, empty ${home} and restore again.`
  console.log(`${done} Stop the former host permanently before you start this one: both would charge and mail.`)
}

/** restic's own settings: its repository, how to find the password, and the keys of its storage. */
const required = [
  ['RESTIC_REPOSITORY', 'RESTIC_REPOSITORY_FILE'],
  ['RESTIC_PASSWORD', 'RESTIC_PASSWORD_FILE', 'RESTIC_PASSWORD_COMMAND'],
] as const

/** Names the settings of restic that are missing, one of which has to be set; undefined if nothing is missing. */
const missingOf = (environment: NodeJS.ProcessEnv): string | undefined =>
  required.find((names) => names.every((name) => !environment[name]))?.join(' or ')

/** Where a repository is on this machine; undefined if it is elsewhere, such as `s3:…`. */
const placeOf = async ({
  RESTIC_REPOSITORY,
  RESTIC_REPOSITORY_FILE,
}: NodeJS.ProcessEnv): Promise<string | undefined> => {
  const named = RESTIC_REPOSITORY || (await readFile(RESTIC_REPOSITORY_FILE ?? '', 'utf8').catch(() => '')).trim()
  const path = named.replace(/^local:/, '')
  if (path === '' || /^[a-z0-9]+:/.test(path)) return undefined
  return realpath(path).catch(() => resolve(path))
}

/** @throws {Error} if each backup would contain all former ones, and be lost with the home. */
const requireOutside = async (home: string, place: string | undefined): Promise<void> => {
  const inside = place === undefined ? '..' : relative(await realpath(home).catch(() => home), place)
  if (inside.split('/')[0] === '..') return
  throw new Error(`the repository of restic is in the home, at ${place}; name one outside of ${home}`)
}

await runCommand(
  z.strictObject({ restore: z.string().min(1).optional() }),
  usage,
  async ({ restore: snapshot }, signal) => {
    const missing = missingOf(process.env)
    if (missing !== undefined) throw new Error(`restic needs ${missing}`)
    const home = homeDirectory(process.env)
    await requireOutside(home, await placeOf(process.env))
    // What has begun is undone: paused sites continue, and the copy is removed.
    await (snapshot === undefined ? takeBackup(home, signal) : restore(home, snapshot, signal))
  },
  { cleansUp: true },
)
