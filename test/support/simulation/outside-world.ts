import type { ArchiveId, SiteId } from '../../../core/ids.ts'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  archiveKeys,
  placeOfJob,
} from '../../../core/ports/archives.ts'
import type { Mailer, MailMessage } from '../../../core/ports/delivery.ts'
import type { SiteHooks } from '../../../core/ports/hooks.ts'
import type { AskingProbe, CheckProbe } from '../../../core/ports/probes.ts'
import type {
  Launch,
  SiteCommands,
  SiteObserver,
  SiteRuntime,
  SiteStorage,
  StorageMeter,
} from '../../../core/ports/runtime.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { type DataHome, homeName, homeNamed, homeOf, type SitePlace } from '../../../core/site/location.ts'
import { isKept, type KeptSite, type Site } from '../../../core/site/site.ts'
import { createSimCells, isArchivedAsLost, type SimCells } from './sim-cells.ts'

/** A directory, in the cell that has it. */
export const homeKey = (home: DataHome): string => `${home.cell}/${homeName(home)}`

interface Running {
  readonly cell: string
  readonly generation: number
  readonly port: number
}

/** What visitors have written, in order: every entry is one number of its own. */
type Entries = readonly number[]

export interface OutsideWorld {
  readonly cells: SimCells
  /** What runs in a cell ends with its disk. */
  readonly loseDisk: (cell: string) => void
  readonly runtime: SiteRuntime & SiteObserver & SiteCommands
  readonly storage: SiteStorage
  readonly probe: AskingProbe & CheckProbe
  /** Every product fails the first time that it learns of its owner. */
  readonly hooks: SiteHooks
  /** How often a product learned of its owner. */
  readonly heard: ReadonlyMap<SiteId, number>
  readonly archives: ArchiveStore
  readonly archiver: Archiver
  readonly meter: StorageMeter
  /** What a site stores grows far beyond its plan, by itself; or shrinks again. */
  readonly grow: (siteId: SiteId) => void
  readonly mailer: Mailer
  readonly running: ReadonlyMap<SiteId, Running>
  /** Sites of which the platform keeps something: what runs, and what sleeps and is not dormant. */
  readonly keptOn: ReadonlyMap<SiteId, string>
  readonly homes: ReadonlyMap<string, Entries>
  /** Directories that something can reach now. */
  readonly reachable: ReadonlySet<string>
  readonly archiveKeys: () => readonly string[]
  readonly mails: readonly MailMessage[]
  /** A visitor writes to a site through the router: acknowledged, or not taken. */
  readonly write: (site: Site) => boolean
  /** What was acknowledged of each site. */
  readonly acknowledged: ReadonlyMap<SiteId, Entries>
  /** After a restore of the data from before an upgrade, the copy of the newer data has to have all that was acknowledged. */
  readonly followRestore: (change: SiteChange) => void
  /** A worker in a process of its own ends with its host. */
  readonly hostDied: () => void
  /** One in so many jobs fails permanently from here on: a full disk, an archive that is damaged on its way. 0 for none. */
  readonly setJobFaults: (oneIn: number) => void
  /** What must never have happened. */
  readonly violations: readonly string[]
}

interface OutsideOptions {
  readonly recordOf: (siteId: SiteId) => Site | undefined
  readonly integer: (limit: number) => number
  readonly cells?: SimCells
}

/**
 * Everything besides the table: what runs, disks, archives, mail. It remembers what was promised to visitors, and notes at
 * every step that takes something away whether all of it is still there.
 * @param recordOf the site as it is stored at this moment.
 * @param integer of `[0, limit)`, from the run's seed.
 */
export const createOutsideWorld = ({ recordOf, integer, cells = createSimCells() }: OutsideOptions): OutsideWorld => {
  const running = new Map<SiteId, Running>()
  /** With the cell in which it was started last: as on one machine, there is one of each site. */
  const keptOn = new Map<SiteId, string>()
  const homes = new Map<string, Entries>()
  const reachable = new Set<string>()
  const contents = new Map<string, Entries>()
  const blobs = new Map<string, Uint8Array>()
  const outcomes = new Map<string, ArchiveJobState>()
  const underWay = new Map<string, number>()
  const acknowledged = new Map<SiteId, Entries>()
  const grown = new Set<SiteId>()
  const heard = new Map<SiteId, number>()
  const mails = new Map<string, MailMessage>()
  const violations: string[] = []
  let jobFaults = 0
  let nextPort = 20_000
  let nextEntry = 1

  const has = (found: Entries | undefined, siteId: SiteId): boolean => {
    const all = new Set(found)
    return (acknowledged.get(siteId) ?? []).every((entry) => all.has(entry))
  }

  /** Whether every acknowledged entry is where the record says that the site's data is. */
  const isSafe = (site: Site): boolean => {
    if (['active', 'asleep', 'suspended'].includes(site.status)) {
      return has(homes.get(homeKey(homeOf(site))), site.id)
    }
    if (site.status !== 'archived') return true
    const [newest] = site.archives
    if (newest === undefined) return false
    const keys = archiveKeys(site.id, newest.id)
    return contents.has(keys.manifest) && has(contents.get(keys.content), site.id)
  }

  const requireSafe = (siteId: SiteId, after: string): void => {
    const site = recordOf(siteId)
    if (site !== undefined && !isSafe(site)) violations.push(`${after}: ${siteId} (${site.status}) lost data`)
  }

  /** The way back of a relocation is there until it is confirmed. */
  const requireWayBack = (site: KeptSite): void => {
    const pinned = site.relocation?.switched?.archiveId
    if (pinned === undefined) return
    const { content } = archiveKeys(site.id, pinned)
    if (site.archives.some(({ id }) => id === pinned) && contents.has(content)) return
    violations.push(`${site.id} was relocated, and its way back is gone`)
  }

  const keepOnly = (siteId: SiteId, left: ReadonlySet<number>): void => {
    acknowledged.set(
      siteId,
      (acknowledged.get(siteId) ?? []).filter((entry) => left.has(entry)),
    )
  }

  /** Over their data an older copy was restored. */
  const givenUp = new Set<ArchiveId>()

  /**
   * The archive that a site of a lost cell gets has to be the newest of the data that it goes on with: all that was written later is
   * gone.
   */
  const requireNewest = ({ id, archives }: KeptSite, archiveId: ArchiveId | undefined): void => {
    const current = archives.filter((archive) => !givenUp.has(archive.id))
    const candidates = current.length > 0 ? current : archives
    const used = candidates.find((archive) => archive.id === archiveId)
    if (used === undefined || candidates.some(({ at }) => at > used.at))
      violations.push(`${id} was in a lost cell and did not get its newest archive`)
    const found = used && contents.get(archiveKeys(id, used.id).content)
    keepOnly(id, new Set(found))
  }

  /** How the data was restored that a site has from now on; undefined unless this change is the switch to it. */
  const restoredBy = (before: Site | undefined, after: KeptSite) => {
    const operation = isKept(before) && before.operation?.kind === 'upgrade' ? before.operation : undefined
    const isSwitch = after.operation?.kind === 'upgrade' && after.operation.moved && !operation?.moved
    return isSwitch && operation?.copy?.restores !== undefined ? operation.copy : undefined
  }

  const giveUpAfter = ({ archives }: KeptSite, restoredId: ArchiveId | undefined): void => {
    const restored = archives.find(({ id }) => id === restoredId)
    if (restored === undefined) return
    for (const { id, at } of archives) if (at > restored.at) givenUp.add(id)
    givenUp.delete(restored.id)
  }

  const followRestore = (change: SiteChange): void => {
    const { before, after } = change
    if (!isKept(after)) return
    requireWayBack(after)
    if (isArchivedAsLost(change)) requireNewest(after, after.archives[0]?.id)
    const restored = restoredBy(before, after)
    if (restored?.isLost) requireNewest(after, restored.restores)
    if (restored === undefined || restored.isLost) return
    const copy = after.archives.find(({ id }) => id === restored.archiveId)
    if (copy === undefined || !has(contents.get(archiveKeys(after.id, copy.id).content), after.id)) {
      violations.push(`${after.id} was restored, and no copy has the newer data`)
    }
    giveUpAfter(after, restored.restores)
    if (copy !== undefined) givenUp.add(copy.id)
    keepOnly(after.id, new Set(homes.get(homeKey(homeOf(after)))))
  }

  const removeHome = (home: DataHome, by: string): void => {
    const name = homeKey(home)
    const at = running.get(home.siteId)
    if (homes.has(name) && at?.generation === home.generation && at.cell === home.cell)
      violations.push(`${by} ${name}, on which something runs`)
    homes.delete(name)
    reachable.delete(name)
    requireSafe(home.siteId, `${by} ${name}`)
  }

  const isOn = ({ siteId, cell, generation }: DataHome): boolean => {
    const at = running.get(siteId)
    return at !== undefined && at.cell === cell && at.generation === generation
  }

  const failed = (message: string): ArchiveJobState => ({ state: 'failed', error: 'ArchivingFailed', message })

  const torn = new Set<ArchiveId>()

  const requireWhole = (siteId: SiteId, archiveId: ArchiveId): void => {
    if (torn.has(archiveId)) violations.push(`${archiveId} is used, and was copied while ${siteId} ran`)
  }

  const copy = (siteId: SiteId, home: DataHome, archiveId: ArchiveId): ArchiveJobState => {
    const found = homes.get(homeKey(home))
    if (found === undefined) return failed(`${homeKey(home)} is not there`)
    // The site may start during the job; then the copy must not be used.
    if (running.has(siteId)) torn.add(archiveId)
    const keys = archiveKeys(siteId, archiveId)
    contents.set(keys.content, [...found])
    contents.set(keys.manifest, [...found])
    return { state: 'done', bytes: found.length, files: found.length }
  }

  const carryOut = (job: ArchiveJob): ArchiveJobState => {
    switch (job.kind) {
      case 'copy':
        return copy(job.siteId, job.home, job.archiveId)
      case 'verify': {
        const { content, manifest } = archiveKeys(job.siteId, job.archiveId)
        requireWhole(job.siteId, job.archiveId)
        const [found, listed] = [contents.get(content), contents.get(manifest)]
        if (found === undefined || found.join() !== listed?.join()) {
          return { state: 'failed', error: 'ArchiveDamaged', message: `${job.archiveId} is damaged` }
        }
        return { state: 'done', bytes: found.length, files: found.length }
      }
      case 'restore': {
        const found = contents.get(archiveKeys(job.siteId, job.archiveId).content)
        if (found === undefined) return { state: 'failed', error: 'ArchiveDamaged', message: 'the archive is gone' }
        if (isOn(job.home)) violations.push('restored below a running site')
        homes.set(homeKey(job.home), [...found])
        return { state: 'done', bytes: found.length, files: found.length }
      }
      case 'release':
        removeHome(job.home, 'releasing')
        return { state: 'done', bytes: 0, files: 0 }
      case 'measure':
        return { state: 'done', bytes: homes.get(homeKey(job.home))?.length ?? 0, files: 1 }
    }
  }

  const breaks = ({ kind }: ArchiveJob): ArchiveJobState | undefined => {
    if (jobFaults === 0 || kind === 'release' || kind === 'measure' || integer(jobFaults) !== 0) return undefined
    const error = kind === 'copy' ? 'ArchivingFailed' : 'ArchiveDamaged'
    return { state: 'failed', error, message: `${kind} was made to fail` }
  }

  const archiver: Archiver = {
    run: async (job) => {
      if (job.kind !== 'verify') await cells.requireThere(placeOfJob(job).cell)
      const known = outcomes.get(job.id)
      if (known !== undefined) return known
      const checks = underWay.get(job.id) ?? integer(3)
      if (checks > 0) {
        underWay.set(job.id, checks - 1)
        return { state: 'running' }
      }
      underWay.delete(job.id)
      if ('home' in job) reachable.add(homeKey(job.home))
      const outcome = breaks(job) ?? carryOut(job)
      outcomes.set(job.id, outcome)
      return outcome
    },
  }

  const archives: ArchiveStore = {
    put: async (key, content) => {
      const parts: Uint8Array[] = []
      for await (const part of content) parts.push(part)
      blobs.set(key, Buffer.concat(parts))
    },
    open: async (key) => {
      const blob = blobs.get(key)
      return blob === undefined
        ? undefined
        : (async function* () {
            yield blob
          })()
    },
    list: async function* (prefix) {
      for (const key of [...contents.keys(), ...blobs.keys()].toSorted()) {
        if (key.startsWith(prefix)) yield { key, bytes: contents.get(key)?.length ?? blobs.get(key)?.length ?? 0 }
      }
    },
    remove: async (key) => {
      contents.delete(key)
      blobs.delete(key)
      const siteId = key.split('/')[0] as SiteId
      requireSafe(siteId, `removing ${key}`)
    },
  }

  const start = async ({ siteId, cell, generation }: Launch): Promise<void> => {
    await cells.requireThere(cell)
    keptOn.set(siteId, cell)
    reachable.add(homeKey({ siteId, cell, generation }))
    if (isOn({ siteId, cell, generation })) return
    if (!homes.has(homeKey({ siteId, cell, generation }))) {
      violations.push(`${siteId} was started on directory ${generation}, which is not there`)
    }
    nextPort += 1
    running.set(siteId, { cell, generation, port: nextPort })
  }

  const isAt = ({ siteId, cell }: SitePlace): boolean => (keptOn.get(siteId) ?? cell) === cell

  const endpointOf = (siteId: SiteId) => {
    const at = running.get(siteId)
    return at && { host: '127.0.0.1', port: at.port }
  }

  return {
    cells,
    loseDisk: (cell) => {
      cells.takeAway(cell)
      for (const [siteId, at] of running) if (at.cell === cell) running.delete(siteId)
    },
    running,
    keptOn,
    homes,
    reachable,
    acknowledged,
    heard,
    archiveKeys: () => [...contents.keys()],
    get mails() {
      return [...mails.values()]
    },
    violations,
    runtime: {
      start,
      locate: async (place) => (isAt(place) ? endpointOf(place.siteId) : undefined),
      remove: async (place, requireWanted) => {
        const { siteId } = place
        if (!isAt(place)) return
        running.delete(siteId)
        await requireWanted?.()
        keptOn.delete(siteId)
      },
      stop: async (place, requireWanted) => {
        const { siteId } = place
        await requireWanted?.()
        if (!isAt(place)) return
        running.delete(siteId)
      },
      list: async () =>
        [...keptOn].map(([siteId, cell]) => ({ siteId, cell, state: running.has(siteId) ? 'running' : 'asleep' })),
      runOnce: async ({ siteId, cell }) => {
        await cells.requireThere(cell)
        running.delete(siteId)
        return { state: 'ended', exitCode: 0, lines: [] }
      },
      countEnds: async () => 0,
      observe: async ({ siteId }) => {
        const port = running.get(siteId)?.port
        return port === undefined ? undefined : { containers: [], port }
      },
      readLogs: async () => [],
    },
    storage: {
      prepare: async (home) => {
        await cells.requireThere(home.cell)
        if (!homes.has(homeKey(home))) homes.set(homeKey(home), [])
        reachable.add(homeKey(home))
      },
      release: async (home) => void reachable.delete(homeKey(home)),
      remove: async (home) => {
        await cells.requireThere(home.cell)
        removeHome(home, 'removing')
      },
      list: async () =>
        [...homes.keys()].flatMap((key) => {
          const [cell = '', name = ''] = key.split('/')
          return cells.isAway(cell) ? [] : (homeNamed(name, cell) ?? [])
        }),
    },
    probe: {
      isHealthy: async ({ port }) => [...running.values()].some((at) => at.port === port),
      ask: async () => ({ failure: 'unknown' }),
      meets: async ({ port }) => [...running.values()].some((at) => at.port === port),
    },
    hooks: {
      call: async ({ id, endpoint }) => {
        if (endpoint === undefined || running.get(id)?.port !== endpoint.port) return { failure: 'refused' }
        const times = (heard.get(id) ?? 0) + 1
        heard.set(id, times)
        return { status: times === 1 ? 500 : 204, text: '' }
      },
    },
    archives,
    archiver,
    meter: { measure: async ({ siteId }) => (grown.has(siteId) ? 1e12 : 1000) },
    mailer: {
      send: async (message) => {
        mails.set(message.id, message)
      },
    },
    write: (site) => {
      const at = running.get(site.id)
      if (site.status !== 'active' || site.endpoint === undefined || site.endpoint.port !== at?.port) return false
      const name = homeKey({ siteId: site.id, cell: at.cell, generation: at.generation })
      nextEntry += 1
      homes.set(name, [...(homes.get(name) ?? []), nextEntry])
      acknowledged.set(site.id, [...(acknowledged.get(site.id) ?? []), nextEntry])
      requireSafe(site.id, 'writing')
      return true
    },
    grow: (siteId) => {
      if (!grown.delete(siteId)) grown.add(siteId)
    },
    followRestore,
    hostDied: () => underWay.clear(),
    setJobFaults: (oneIn) => {
      jobFaults = oneIn
    },
  }
}
