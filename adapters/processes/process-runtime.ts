import { mkdir } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join } from 'node:path'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { oneOffLaunch } from '../../core/blueprint/one-off.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type {
  Launch,
  Observation,
  OneOff,
  OneOffState,
  SiteCommands,
  SiteObserver,
  SiteRuntime,
} from '../../core/ports/runtime.ts'
import { type DataHome, homeCell, type SitePlace } from '../../core/site/location.ts'
import type { SiteFiles } from '../files/site-files.ts'
import { makeMountedDirectories } from '../files/site-storage.ts'
import { sweepLeftovers } from '../leftovers/find-leftovers.ts'
import { launchDigest } from '../site-runtime/launch-digest.ts'
import { listenersOfGroups } from '../site-runtime/listeners.ts'
import { besideOf, type LoopbackPorts, onceOf, type PortHolder } from '../site-runtime/loopback-ports.ts'
import { boundLog, readOn, removeLogs, tailOf } from '../site-runtime/output.ts'
import { type BackOff, defaultBackOff, oneAtATime, workByKey } from '../site-runtime/pacing.ts'
import { childCommands } from './child-command.ts'
import type { keepDirectories } from './kept-directories.ts'
import { createSiteSlots, type Supervise } from './site-slots.ts'
import {
  type OnceRunning,
  type StartAttempt,
  type SupervisionOptions,
  startOnce,
  superviseSite,
} from './supervised-site.ts'

export interface ProcessRuntime extends SiteRuntime, SiteObserver, SiteCommands {
  /** Ends all sites' processes; nothing can be started afterwards. Data and ports are kept. */
  readonly close: () => Promise<void>
}

export interface ProcessRuntimeOptions {
  /** Marks this home's processes, so that the next host finds what a killed one left behind. */
  readonly homeId: string
  /** Where sites' output goes, as `<site id>.<container>.log` and one older part of it, for as long as the site is there. */
  readonly logDirectory: string
  readonly dataDirectoryOf: (home: DataHome) => string
  readonly files: SiteFiles
  /** Makes a path of a blueprint, which is relative to the blueprint's file, absolute. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  /** Where the files of a version are now; by default where the blueprint says. */
  readonly directoryOf?: ReturnType<typeof keepDirectories>
  readonly ports: LoopbackPorts
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly backOff?: BackOff
  /** For tests: the most milliseconds that any blueprint gets to stop. */
  readonly grace?: number
}

const millisecondsBetweenLogChecks = 5000
/** Bytes of output kept of each site before it moves to the older part. */
const logBytes = 1_048_576

/** A command that was started, also after its end. */
interface Once extends OnceRunning {
  readonly key: string
  readonly container: string
  readonly startedAt: number
}

/**
 * Runs sites as plain child processes: needs nothing, isolates nothing. The containers of a blueprint share the machine's
 * loopback; each gets the traffic process's `PORT`. First ends what a killed host of this home left running.
 */
export const createProcessRuntime = async (options: ProcessRuntimeOptions): Promise<ProcessRuntime> => {
  const { homeId, logDirectory, dataDirectoryOf, files, resolvePath, directoryOf, ports, log } = options
  const { backOff = defaultBackOff, grace } = options
  await sweepLeftovers({ homeId, grace: grace ?? 10_000, log })
  const slots = createSiteSlots()
  const exclusively = oneAtATime()
  const removals = workByKey()
  const onces = new Map<SiteId, Once>()
  const starts = new Set<Promise<unknown>>()
  /** The last start of each site: what is known of it until it is done. */
  const attempts = new Map<SiteId, StartAttempt>()
  /** Where each site's last launch is. All cells share the machine, so a launch in one ends what runs of the site in another. */
  const cells = new Map<SiteId, string>()
  let closed = false

  const logFileOf = (siteId: SiteId, name: string): string => join(logDirectory, `${siteId}.${name}.log`)

  const planOf =
    (wanted: Launch, holder: PortHolder): SupervisionOptions['plan'] =>
    async () => {
      const port = await ports.claim(holder)
      const placeOf = (container: string) => ({
        host: '127.0.0.1',
        port,
        dataDirectory: dataDirectoryOf(wanted),
        filesDirectory: files.directoryOf(wanted.siteId, port, container),
        homeDirectory: files.homeOf(wanted.siteId),
      })
      await mkdir(files.homeOf(wanted.siteId), { recursive: true, mode: 0o700 })
      await makeMountedDirectories(dataDirectoryOf(wanted), wanted.blueprint)
      await files.write(wanted, placeOf, port)
      const copies = new Map<string, string>()
      for (const { name: container, process } of wanted.blueprint.containers) {
        if (process === undefined || directoryOf === undefined) continue
        const directory = resolvePath(wanted.blueprint, process.directory)
        copies.set(container, await directoryOf({ blueprint: wanted.blueprint, container, directory }))
      }
      const around = { homeId, placeOf, resolvePath, copies, ...(grace === undefined ? {} : { grace }) }
      return { port, commands: childCommands(wanted, around) }
    }

  const noteOf = (siteId: SiteId) => (attempt: StartAttempt | undefined) => {
    if (attempt === undefined) attempts.delete(siteId)
    else attempts.set(siteId, attempt)
  }

  const supervise =
    (wanted: Launch): Supervise =>
    (holder) =>
      superviseSite({
        plan: planOf(wanted, holder),
        logFileOf: (name) => logFileOf(wanted.siteId, name),
        note: noteOf(wanted.siteId),
        backOff,
        warn: (fields, message) => log.warn({ siteId: wanted.siteId, ...fields }, message),
      })

  const isAt = ({ siteId, cell }: SitePlace): boolean => (cells.get(siteId) ?? cell) === cell

  const requireOpen = (): void => {
    if (closed) throw new SitewrightError('RuntimeUnavailable', 'This host is stopping: try again once it is back.')
  }

  const endOnce = async (siteId: SiteId): Promise<void> => {
    await onces.get(siteId)?.stop()
    onces.delete(siteId)
  }

  const onceLogOf = (siteId: SiteId, name: string): string => logFileOf(siteId, `once.${name}`)

  const startRun = async (launch: Launch, run: OneOff): Promise<void> => {
    const { siteId, blueprint } = launch
    await endOnce(siteId)
    cells.set(siteId, launch.cell)
    if (blueprint.data.mode === 'exclusive') await slots.end(siteId)
    await removeLogs(logDirectory, `${siteId}.once.`)
    const container = blueprint.traffic.container
    const plan = planOf(oneOffLaunch(launch, run), onceOf(siteId))
    const logFileOfOnce = (name: string) => (run.hidesOutput ? devNull : onceLogOf(siteId, name))
    const running = await startOnce({ plan, logFileOf: logFileOfOnce, note: noteOf(siteId) }, container)
    onces.set(siteId, { ...running, key: run.key, container, startedAt: performance.now() })
  }

  const runOnce = async (launch: Launch, run: OneOff): Promise<OneOffState> => {
    requireOpen()
    const { siteId } = launch
    if (onces.get(siteId)?.key !== run.key) {
      if (run.seconds === 0) return { state: 'ended', lines: [] }
      await startRun(launch, run)
    }
    const once = onces.get(siteId)
    if (once?.ended() === undefined && performance.now() - (once?.startedAt ?? 0) >= run.seconds * 1000) {
      await once?.stop()
    }
    const end = once?.ended()
    if (once === undefined || end === undefined) return { state: 'running' }
    const lines = await tailOf(onceLogOf(siteId, once.container))
    return { state: 'ended', ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }), lines }
  }

  const begin = async (wanted: Launch, how: 'alone' | 'beside'): Promise<void> => {
    const { siteId } = wanted
    const start = exclusively(siteId, async () => {
      requireOpen()
      await endOnce(siteId)
      attempts.delete(siteId)
      cells.set(siteId, wanted.cell)
      return slots[how](siteId, launchDigest(wanted), supervise(wanted))
    })
    starts.add(start)
    await start.finally(() => starts.delete(start))
  }

  const boundLogs = async (siteId: SiteId): Promise<void> => {
    const { processes = [] } = slots.supervisedOf(siteId)?.state() ?? {}
    for (const { name } of processes) await boundLog(logFileOf(siteId, name), logBytes)
    const once = onces.get(siteId)
    if (once !== undefined) await boundLog(onceLogOf(siteId, once.container), logBytes)
  }

  const observeAttempt = async (siteId: SiteId): Promise<Observation | undefined> => {
    const attempt = attempts.get(siteId)
    if (attempt === undefined) return undefined
    const { check, logFileOf: fileOf, refusal } = attempt
    const containers = (await check()).map(async (one) => ({ ...one, lines: await tailOf(fileOf(one.name)) }))
    return { containers: await Promise.all(containers), ...(refusal === undefined ? {} : { refusal }) }
  }

  const namesOf = async (siteId: SiteId): Promise<readonly string[]> =>
    (slots.supervisedOf(siteId)?.state().processes ?? (await attempts.get(siteId)?.check()) ?? []).map(
      ({ name }) => name,
    )

  const everySite = (): ReadonlySet<SiteId> => new Set([...slots.all(), ...onces.keys()])

  const logCheck = setInterval(() => {
    for (const siteId of everySite()) {
      // Not while it is removed: what is moved aside then would stay.
      exclusively(siteId, () => boundLogs(siteId)).catch((err: unknown) =>
        log.warn({ siteId, err }, "a site's log could not be shortened"),
      )
    }
  }, millisecondsBetweenLogChecks)
  logCheck.unref()

  return {
    start: (wanted) => begin(wanted, 'alone'),
    startBeside: (wanted) => begin(wanted, 'beside'),
    runOnce: async (launch, run) => {
      const asked = exclusively(launch.siteId, () => runOnce(launch, run))
      starts.add(asked)
      return asked.finally(() => starts.delete(asked))
    },
    locate: async (place, wanted) => {
      const { siteId } = place
      // It still answers, for a moment.
      if (removals.has(siteId) || !isAt(place)) return undefined
      const port = slots.portOf(siteId, wanted === undefined ? undefined : launchDigest(wanted))
      return port === undefined ? undefined : { host: '127.0.0.1', port }
    },
    remove: async (place) => {
      const { siteId } = place
      if (!isAt(place)) return
      await removals.note(
        siteId,
        exclusively(siteId, async () => {
          if (!isAt(place)) return
          await endOnce(siteId)
          await slots.end(siteId)
          attempts.delete(siteId)
          await removeLogs(logDirectory, `${siteId}.`)
          await files.remove(siteId)
          for (const holder of [siteId, besideOf(siteId), onceOf(siteId)]) await ports.release(holder)
          cells.delete(siteId)
        }),
      )
    },
    list: async () =>
      [...everySite()].map((siteId) => ({
        siteId,
        cell: cells.get(siteId) ?? homeCell,
        state: slots.portOf(siteId) === undefined ? 'stopped' : 'running',
      })),
    countEnds: async ({ siteId }, of) => {
      const { processes = [] } = slots.supervisedOf(siteId, of && launchDigest(of.launch))?.state() ?? {}
      return Math.max(0, ...processes.map(({ ends }) => ends))
    },
    observe: async ({ siteId }) => {
      // Also where the former version still runs beside what failed.
      if (attempts.get(siteId)?.refusal !== undefined) return observeAttempt(siteId)
      const once = onces.get(siteId)
      if (once !== undefined) {
        const lastEnd = once.ended()
        const lines = await tailOf(onceLogOf(siteId, once.container))
        const ended = lastEnd === undefined ? { isRunning: true, ends: 0 } : { isRunning: false, ends: 1, lastEnd }
        return { containers: [{ name: once.container, ...ended, lines }] }
      }
      const state = slots.supervisedOf(siteId)?.state()
      if (state === undefined) return observeAttempt(siteId)
      const [listeners, containers] = await Promise.all([
        listenersOfGroups(state.pids),
        Promise.all(state.processes.map(async (one) => ({ ...one, lines: await tailOf(logFileOf(siteId, one.name)) }))),
      ])
      return { port: state.port, containers, ...(listeners === undefined ? {} : { listeners }) }
    },
    readLogs: async ({ siteId }, after) =>
      Promise.all(
        (await namesOf(siteId)).map(async (container) => ({
          container,
          ...(await readOn(logFileOf(siteId, container), after[container])),
        })),
      ),
    close: async () => {
      closed = true
      clearInterval(logCheck)
      await Promise.allSettled(starts)
      await Promise.all(
        [...everySite()].map((siteId) => exclusively(siteId, () => Promise.all([endOnce(siteId), slots.end(siteId)]))),
      )
    },
  }
}
