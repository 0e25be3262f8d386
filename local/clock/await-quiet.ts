import type { Log } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import type { ReclaimOperation } from '../../core/site/operation.ts'
import { operationExecution } from '../../core/site/operation-changes.ts'
import type { Site } from '../../core/site/site.ts'

/** Later than the start of any operation. */
const endOfTime = '9999-12-31T23:59:59.999Z'

/** In milliseconds. */
const lookEvery = 10
const healEvery = 2000
/** The limit for operations that run: an archive of many gigabytes takes long. */
const patienceWithRunning = 15 * 60_000
/** The limit for operations that fail and are retried later, and for events that cannot be published. */
const patienceWithWaiting = 60_000

export interface QuietPorts {
  readonly sites: Pick<SiteStore, 'listDue' | 'get'>
  readonly workflows: Pick<Workflows, 'status'>
  /** Whether every committed event has reached its subscribers. */
  readonly isPublished: () => Promise<boolean>
  /** Restarts operations without a running workflow. */
  readonly heal: () => Promise<unknown>
  readonly isStopping: () => boolean
  readonly pause: (milliseconds: number) => Promise<void>
  /** Monotonic milliseconds, whatever the clocks are set to. */
  readonly monotonic: () => number
  readonly log: Log
}

const operationOf = (site: Site | undefined): ReclaimOperation | undefined =>
  site !== undefined && 'operation' in site && site.operation?.kind !== 'provision' ? site.operation : undefined

/**
 * Creates a function that waits until no operation runs and every event has been handled. It waits only once for an operation
 * that takes too long.
 */
export const createQuiet = (ports: QuietPorts): (() => Promise<void>) => {
  const { sites, workflows, isPublished, heal, isStopping, pause, monotonic, log } = ports
  const seenAt = new Map<string, number>()
  const leftOut = new Set<string>()

  const isOverdue = async (site: Site, operation: ReclaimOperation): Promise<boolean> => {
    const since = seenAt.get(operation.id) ?? monotonic()
    seenAt.set(operation.id, since)
    const waited = monotonic() - since
    if (waited < patienceWithWaiting) return false
    const status = await workflows.status(`${operation.kind}-site`, operationExecution(operation))
    if (status === 'running' && waited < patienceWithRunning) return false
    log.warn({ siteId: site.id, operation: operation.kind }, 'the clock advances although an operation has not ended')
    leftOut.add(operation.id)
    return true
  }

  const isWorking = async (): Promise<boolean> => {
    for await (const { id } of sites.listDue({ kind: 'operation', until: endOfTime })) {
      // The index may be outdated; the record is current.
      const site = await sites.get(id)
      const operation = operationOf(site)
      if (site === undefined || operation === undefined || leftOut.has(operation.id)) continue
      if (!(await isOverdue(site, operation))) return true
    }
    return false
  }

  /** Operations come first: each step commits its events with its result. */
  const whatGoesOn = async (): Promise<'work' | 'events' | 'nothing'> => {
    if (await isWorking()) return 'work'
    return (await isPublished()) ? 'nothing' : 'events'
  }

  /** Keeps waiting unless publishing events takes too long. */
  const waitOn = async (
    goesOn: 'work' | 'events',
    patience: { healAt: number; publishedBy: number },
  ): Promise<boolean> => {
    const now = monotonic()
    if (goesOn === 'work') patience.publishedBy = now + patienceWithWaiting
    if (now >= patience.publishedBy) {
      log.warn({}, 'the clock advances although events could not be published')
      return false
    }
    if (now >= patience.healAt) {
      // It has logged its failures.
      await heal().catch(() => undefined)
      patience.healAt = now + healEvery
    }
    await pause(lookEvery)
    return true
  }

  return async () => {
    const now = monotonic()
    const patience = { healAt: now + healEvery, publishedBy: now + patienceWithWaiting }
    // Twice: an event that is handled during the second check may have started an operation.
    for (let quiet = 0; quiet < 2 && !isStopping(); ) {
      const goesOn = await whatGoesOn()
      quiet = goesOn === 'nothing' ? quiet + 1 : 0
      if (goesOn !== 'nothing' && !(await waitOn(goesOn, patience))) return
    }
  }
}
