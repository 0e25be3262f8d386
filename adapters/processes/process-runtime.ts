import { join } from 'node:path'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Launch, SiteObserver, SiteRuntime } from '../../core/ports/runtime.ts'
import type { DataHome } from '../../core/site/location.ts'
import type { SiteFiles } from '../files/site-files.ts'
import { sweepLeftovers } from '../leftovers/find-leftovers.ts'
import { launchDigest } from '../site-runtime/launch-digest.ts'
import { listenersOfGroups } from '../site-runtime/listeners.ts'
import type { LoopbackPorts } from '../site-runtime/loopback-ports.ts'
import { besideOf } from '../site-runtime/loopback-ports.ts'
import { readOn, tailOf } from '../site-runtime/output.ts'
import type { BackOff } from '../site-runtime/pacing.ts'
import { defaultBackOff, oneAtATime, workByKey } from '../site-runtime/pacing.ts'
import { childCommands } from './child.ts'
import type { Supervise } from './site-slots.ts'
import { createSiteSlots } from './site-slots.ts'
import { boundLog, removeLogs, superviseSite } from './supervised-site.ts'

export interface ProcessRuntime extends SiteRuntime, SiteObserver {
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
  readonly ports: LoopbackPorts
  readonly log: Pick<Log, 'info' | 'warn'>
  readonly backOff?: BackOff
  /** Milliseconds between asking a process to end and making it. */
  readonly grace?: number
  /** Bytes of output kept of each site before it moves to the older part. */
  readonly logBytes?: number
}

const millisecondsBetweenLogChecks = 5000

/**
 * Runs sites as plain child processes: needs nothing, isolates nothing. The containers of a blueprint share the machine's
 * loopback; each gets the traffic process's `PORT`. First ends what a killed host of this home left running.
 */
export const createProcessRuntime = async ({
  homeId,
  logDirectory,
  dataDirectoryOf,
  files,
  resolvePath,
  ports,
  log,
  backOff = defaultBackOff,
  grace = 5000,
  logBytes = 1_048_576,
}: ProcessRuntimeOptions): Promise<ProcessRuntime> => {
  await sweepLeftovers({ homeId, grace, log })
  const slots = createSiteSlots()
  const exclusively = oneAtATime()
  const removals = workByKey()
  const starts = new Set<Promise<void>>()
  let closed = false

  const logFileOf = (siteId: SiteId, name: string): string => join(logDirectory, `${siteId}.${name}.log`)

  const supervise =
    (wanted: Launch): Supervise =>
    (holder) =>
      superviseSite({
        plan: async () => {
          const port = await ports.claim(holder)
          const placeOf = (container: string) => ({
            host: '127.0.0.1',
            port,
            dataDirectory: dataDirectoryOf(wanted),
            filesDirectory: files.directoryOf(wanted.siteId, port, container),
          })
          await files.write(wanted, placeOf, port)
          return { port, commands: childCommands(wanted, { homeId, placeOf, resolvePath }) }
        },
        logFileOf: (name) => logFileOf(wanted.siteId, name),
        backOff,
        grace,
        warn: (fields, message) => log.warn({ siteId: wanted.siteId, ...fields }, message),
      })

  const begin = async (wanted: Launch, how: 'alone' | 'beside'): Promise<void> => {
    const { siteId } = wanted
    const start = exclusively(siteId, () => {
      if (closed) throw new SitewrightError('RuntimeUnavailable', 'This host is stopping: try again once it is back.')
      return slots[how](siteId, launchDigest(wanted), supervise(wanted))
    })
    starts.add(start)
    await start.finally(() => starts.delete(start))
  }

  const boundLogs = async (siteId: SiteId): Promise<void> => {
    const { processes = [] } = slots.supervisedOf(siteId)?.state() ?? {}
    for (const { name } of processes) await boundLog(logFileOf(siteId, name), logBytes)
  }

  const logCheck = setInterval(() => {
    for (const siteId of slots.all()) {
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
    locate: async (siteId, wanted) => {
      // It still answers, for a moment.
      if (removals.has(siteId)) return undefined
      const port = slots.portOf(siteId, wanted === undefined ? undefined : launchDigest(wanted))
      return port === undefined ? undefined : { host: '127.0.0.1', port }
    },
    remove: (siteId) =>
      removals.note(
        siteId,
        exclusively(siteId, async () => {
          await slots.end(siteId)
          await removeLogs(logDirectory, `${siteId}.`)
          await files.remove(siteId)
          ports.release(siteId)
          ports.release(besideOf(siteId))
        }),
      ),
    list: async () =>
      slots.all().map((siteId) => ({ siteId, state: slots.portOf(siteId) === undefined ? 'stopped' : 'running' })),
    countEnds: async (siteId) => {
      const { processes = [] } = slots.supervisedOf(siteId)?.state() ?? {}
      return Math.max(0, ...processes.map(({ ends }) => ends))
    },
    observe: async (siteId) => {
      const state = slots.supervisedOf(siteId)?.state()
      if (state === undefined) return undefined
      const [listeners, containers] = await Promise.all([
        listenersOfGroups(state.pids),
        Promise.all(state.processes.map(async (one) => ({ ...one, lines: await tailOf(logFileOf(siteId, one.name)) }))),
      ])
      return { port: state.port, containers, ...(listeners === undefined ? {} : { listeners }) }
    },
    readLogs: (siteId, after) =>
      Promise.all(
        (slots.supervisedOf(siteId)?.state().processes ?? []).map(async ({ name: container }) => ({
          container,
          ...(await readOn(logFileOf(siteId, container), after[container])),
        })),
      ),
    close: async () => {
      closed = true
      clearInterval(logCheck)
      await Promise.allSettled(starts)
      await Promise.all(slots.all().map((siteId) => exclusively(siteId, () => slots.end(siteId))))
    },
  }
}
