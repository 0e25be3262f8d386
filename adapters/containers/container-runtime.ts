import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { oneOffLaunch } from '../../core/blueprint/one-off.ts'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type {
  Launch,
  Observation,
  OneOff,
  OneOffState,
  RunningSite,
  SiteCommands,
  SiteObserver,
  SiteRuntime,
} from '../../core/ports/runtime.ts'
import { homeCell, type SitePlace } from '../../core/site/location.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import { listenersOfNamespace } from '../site-runtime/listeners.ts'
import { type BackOff, defaultBackOff, oneAtATime, workByKey } from '../site-runtime/pacing.ts'
import { guardBridges, renewGuard } from './bridge-guard.ts'
import { createContainerEnds, observed } from './container-ends.ts'
import { engineUnavailable, refusalOf } from './engine-error.ts'
import { imageProvider, provideImagesWith } from './images.ts'
import type { PushedImages } from './pushed-images.ts'
import { type FoundContainer, siteContainers } from './site-containers.ts'
import { type ContainerHost, createSiteLauncher } from './site-launcher.ts'
import { endpointOf, label, onceDigest, siteName } from './site-network.ts'
import { createRestartSchedule, createTakeDowns, watchContainers } from './upkeep.ts'

export interface ContainerRuntime extends SiteRuntime, SiteObserver, SiteCommands {
  /** Why sites can connect to services of this machine; undefined where they cannot. */
  readonly exposed: string | undefined
  /** @throws {SitewrightError} `LaunchFailed` for a blueprint that this engine cannot run as it says. */
  readonly requireRunnable: (blueprint: Blueprint) => void
  /** Builds or pulls a blueprint's images ahead of visitors. Throws like `start`. */
  readonly provideImages: (blueprint: Blueprint) => Promise<void>
  /** Removes the containers and networks of this home, except of these sites. Keeps all data. @returns the removed sites. */
  readonly removeOrphans: (keep: ReadonlySet<SiteId>) => Promise<readonly SiteId[]>
  /**
   * Ends the watch, after which nothing can be started, and removes the containers unless told to leave them. Keeps data and
   * ports.
   */
  readonly close: (sites?: 'leave' | 'remove') => Promise<void>
}

export interface ContainerRuntimeOptions extends ContainerHost {
  /** Makes a path of a blueprint, which is relative to the blueprint's file, absolute. */
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  readonly loadOwn?: PushedImages['load']
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  readonly backOff?: BackOff
  /** For tests: the most that any blueprint gets to stop. */
  readonly graceSeconds?: number
}

/**
 * Runs sites as containers of Docker or Podman, each site on its own network. This host restarts them together and with growing
 * pauses, which the engines cannot do.
 * @throws {SitewrightError} `RuntimeUnavailable` where the engine does not answer.
 */
export const createContainerRuntime = async (options: ContainerRuntimeOptions): Promise<ContainerRuntime> => {
  const { engine, homeId, files, ports, log, backOff = defaultBackOff, graceSeconds } = options
  const containers = siteContainers(engine, homeId, graceSeconds)
  const ensureImage = imageProvider({ engine, resolvePath: options.resolvePath, loadOwn: options.loadOwn, log })
  const provideImages = provideImagesWith(ensureImage)
  const ends = createContainerEnds(engine.calls)
  const launcher = await createSiteLauncher(options, containers, provideImages, ends)
  const exclusively = oneAtATime()
  const removals = workByKey()
  const launches = new Map<SiteId, Launch>()
  const starts = new Set<Promise<unknown>>()
  /** Why the last start of a site failed. */
  const refusals = new Map<SiteId, string>()
  let closed = false

  /** Closing waits for it: what it starts would be left behind. */
  const whileOpen = <Answer>(siteId: SiteId, work: () => Promise<Answer>): Promise<Answer> => {
    const begun = exclusively(siteId, work)
    starts.add(begun)
    return begun.finally(() => starts.delete(begun))
  }

  const schedule = createRestartSchedule(backOff, (siteId) =>
    whileOpen(siteId, async () => {
      const launch = launches.get(siteId)
      if (launch === undefined || closed) return 'runs'
      try {
        const outcome = await launcher.ensure(launch)
        if (outcome === 'restarted') log.warn({ siteId }, 'a container of a site had ended; the site was started again')
        return outcome
      } catch (error) {
        log.warn({ siteId, reason: refusalOf(error).reason }, 'a site could not be started again; trying once more')
        throw error
      }
    }),
  )
  const watch = watchContainers({ engine, homeId, seen: schedule.see, log })
  // A host without the guard has said so at its start.
  const renewal = launcher.exposed === undefined ? renewGuard(options.guard ?? guardBridges, log) : undefined

  const letGo = (siteId: SiteId): void => {
    launches.delete(siteId)
    schedule.forget(siteId)
  }

  const forget = (siteId: SiteId): void => {
    letGo(siteId)
    ends.forget(siteId)
    refusals.delete(siteId)
  }

  const noteRefusal = (siteId: SiteId, error: unknown): void => {
    if (isErrorOfKind(error, 'LaunchFailed')) refusals.set(siteId, error.message)
  }

  const requireOpen = (): void => {
    if (closed) throw new SitewrightError('RuntimeUnavailable', 'This host is stopping: try again once it is back.')
  }

  const startRun = async (launch: Launch, run: OneOff, digest: string): Promise<void> => {
    const { siteId } = launch
    forget(siteId)
    await containers.remove(siteId, await containers.find(siteId))
    try {
      await launcher.create(oneOffLaunch(launch, run), digest)
    } catch (error) {
      noteRefusal(siteId, error)
      throw error
    }
  }

  /**
   * The traffic container of a command, undefined if it never started.
   * @throws {SitewrightError} `RuntimeUnavailable` where the engine lists it and cannot tell how it is: a second run beside it harms.
   */
  const inspectRun = async (found: readonly FoundContainer[], { siteId, blueprint }: Launch) => {
    const own = found.filter(({ container }) => container === blueprint.traffic.container)
    const [seen] = await ends.inspectAll(own)
    if (own.length > 0 && seen === undefined) {
      throw new SitewrightError('RuntimeUnavailable', `The container engine cannot tell how a command of ${siteId} is.`)
    }
    return seen?.isRunning || seen?.lastEnd ? seen : undefined
  }

  /** A site has one network, so nothing else of it runs meanwhile. */
  const runOnce = async (launch: Launch, run: OneOff): Promise<OneOffState> => {
    requireOpen()
    const { siteId } = launch
    const digest = onceDigest(contentDigest([run.key, await launcher.dataOf(launch)]), run.hidesOutput)
    const found = (await containers.find(siteId)).filter((one) => one.digest === digest)
    const seen = await inspectRun(found, launch)
    if (seen === undefined) {
      if (run.seconds === 0) return { state: 'ended', lines: [] }
      await startRun(launch, run, digest)
      return { state: 'running' }
    }
    if (seen.isRunning && Date.now() - seen.startedAt < run.seconds * 1000) return { state: 'running' }
    // They stay for inspection.
    await containers.end(found.filter(({ isRunning }) => isRunning))
    const { exitCode, signal } = seen.lastEnd ?? {}
    return { state: 'ended', ...(exitCode === undefined || signal ? {} : { exitCode }), lines: seen.lines }
  }

  const start = async (launch: Launch): Promise<void> => {
    requireOpen()
    const { siteId } = launch
    const wasKept = schedule.isKept(siteId)
    // Kept from before the start, so that what ends right after it is noticed.
    if (!wasKept) schedule.keep(siteId)
    const former = launches.get(siteId)
    // The ends of another launch are no evidence about this one.
    if (former === undefined || (await launcher.digestOf(former)) !== (await launcher.digestOf(launch)))
      ends.forget(siteId)
    launches.set(siteId, launch)
    refusals.delete(siteId)
    try {
      await launcher.ensure(launch)
    } catch (error) {
      noteRefusal(siteId, error)
      // An engine that is away for a moment does not end the care for a site that ran.
      if (!wasKept || isErrorOfKind(error, 'LaunchFailed')) letGo(siteId)
      throw error
    }
  }

  /** Whether what runs of a site, if anything does, is of this cell: all cells share the engine, and a site's one network. */
  const isAt = ({ siteId, cell }: SitePlace, found: readonly FoundContainer[] = []): boolean =>
    [launches.get(siteId), ...found].every((one) => one === undefined || one.cell === cell)

  /** @param place whose containers alone are meant; undefined for those of any cell. */
  const takeDown = (siteId: SiteId, place?: SitePlace): Promise<void> =>
    removals.note(
      siteId,
      exclusively(siteId, async () => {
        const found = await containers.find(siteId)
        if (place !== undefined && !isAt(place, found)) return
        forget(siteId)
        await containers.remove(siteId, found)
        await files.remove(siteId)
        if (place !== undefined) await ports.release(siteId)
      }),
    )

  const list = async (): Promise<readonly RunningSite[]> => {
    // Networks first: a network whose containers are made meanwhile is not that of a site that is down.
    const networks = await containers.findNetworks()
    const found = await containers.find()
    const running = new Map<SiteId, RunningSite>()
    for (const { siteId, cell, isRunning } of found) {
      const state = isRunning && running.get(siteId)?.state !== 'stopped' ? 'running' : 'stopped'
      running.set(siteId, { siteId, cell, state })
    }
    // A network alone is what a host that was killed in the middle leaves.
    for (const siteId of networks) {
      if (!running.has(siteId)) running.set(siteId, { siteId, cell: homeCell, state: 'stopped' })
    }
    return [...running.values()]
  }

  /** Between two lives, what was remembered of the last one. */
  const remembered = (siteId: SiteId): Observation | undefined => {
    const containers = ends.of(siteId)
    const refusal = refusals.get(siteId)
    if (containers.length === 0 && refusal === undefined) return undefined
    return { containers, ...(refusal === undefined ? {} : { refusal }) }
  }

  const check = async (siteId: SiteId): Promise<Observation | undefined> => {
    const seen = await ends.inspectAll(await containers.find(siteId))
    const [first] = seen
    if (first === undefined) return remembered(siteId)
    // All containers of a site share one network.
    const pid = seen.find(({ isRunning }) => isRunning)?.pid
    const listeners = launcher.isHere && pid ? await listenersOfNamespace(pid) : undefined
    return { containers: observed(seen), port: first.port, ...(listeners === undefined ? {} : { listeners }) }
  }

  const observe = ({ siteId }: SitePlace): Promise<Observation | undefined> =>
    check(siteId).catch((error: unknown) => {
      // Podman fails to list containers of which one just ends.
      const known = remembered(siteId)
      if (known !== undefined) return known
      throw engineUnavailable(error, 'look at a site')
    })

  const { takeDownAllBut, takeDownAll } = createTakeDowns({ list, takeDown: (siteId) => takeDown(siteId), log })

  return {
    start: (launch) => whileOpen(launch.siteId, () => start(launch)),
    runOnce: (launch, run) => whileOpen(launch.siteId, () => runOnce(launch, run)),
    prepare: ({ blueprint }) => provideImages(blueprint),
    locate: async (place, launch) => {
      const { siteId } = place
      // It still answers, for a moment.
      if (removals.has(siteId)) return undefined
      try {
        const found = await engine.calls.getContainer(siteName(siteId)).inspect()
        if (found.Config.Labels[label.cell] !== place.cell) return undefined
        const isAsked = launch === undefined || found.Config.Labels[label.digest] === (await launcher.digestOf(launch))
        return isAsked ? endpointOf(found) : undefined
      } catch (error) {
        if (refusalOf(error).status === 404) return undefined
        throw engineUnavailable(error, 'locate a site')
      }
    },
    remove: (place) => (isAt(place) ? takeDown(place.siteId, place) : Promise.resolve()),
    list,
    countEnds: async ({ siteId }, of) => {
      const last = launches.get(siteId)
      const isOther =
        of !== undefined && last && (await launcher.digestOf(last)) !== (await launcher.digestOf(of.launch))
      return Math.max(0, ...(isOther ? [] : ends.of(siteId)).map((container) => container.ends))
    },
    observe,
    readLogs: async ({ siteId }, after) => {
      try {
        const there = await containers.find(siteId)
        return await Promise.all(there.map((one) => ends.readLog(one, after[one.container])))
      } catch (error) {
        throw engineUnavailable(error, 'read the output of a site')
      }
    },
    exposed: launcher.exposed,
    requireRunnable: launcher.requireRunnable,
    provideImages,
    removeOrphans: takeDownAllBut,
    close: async (sites = 'remove') => {
      closed = true
      watch.close()
      renewal?.close()
      schedule.forgetAll()
      await Promise.allSettled(starts)
      if (sites === 'remove') await takeDownAll()
    },
  }
}
