import type { Log } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { operationExecution } from '../../core/site/change-site.ts'
import type { ReclaimOperation } from '../../core/site/operation.ts'
import type { Site } from '../../core/site/site.ts'

/** Later than any start of an operation. */
const endOfTime = '9999-12-31T23:59:59.999Z'

/** In milliseconds. */
const lookEvery = 10
const healEvery = 2000
/** For what works: an archive of many gigabytes takes its time. */
const patienceWithRunning = 15 * 60_000
/** For what does not and is tried again later, and for events that cannot be published. */
const patienceWithWaiting = 60_000

export interface QuietPorts {
  readonly sites: Pick<SiteStore, 'listDue' | 'get'>
  readonly workflows: Pick<Workflows, 'status'>
  /** Whether every committed event has reached its subscribers. */
  readonly isPublished: () => Promise<boolean>
  /** Takes up operations that nobody works on. */
  readonly heal: () => Promise<unknown>
  readonly isStopping: () => boolean
  readonly pause: (milliseconds: number) => Promise<void>
  /** Milliseconds that pass evenly, whatever the clocks are set to. */
  readonly monotonic: () => number
  readonly log: Log
}

const operationOf = (site: Site | undefined): ReclaimOperation | undefined =>
  site !== undefined && 'operation' in site && site.operation?.kind !== 'provision' ? site.operation : undefined

/**
 * Makes what waits until no operation is under way and every event has been handled. What takes too long is waited for
 * once and left out from then on.
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
    log.warn(
      { siteId: site.id, operation: operation.kind },
      'the clock is turned on although an operation has not ended',
    )
    leftOut.add(operation.id)
    return true
  }

  const isWorking = async (): Promise<boolean> => {
    for await (const { id } of sites.listDue({ kind: 'operation', until: endOfTime })) {
      // The index has what was; the record what is.
      const site = await sites.get(id)
      const operation = operationOf(site)
      if (site === undefined || operation === undefined || leftOut.has(operation.id)) continue
      if (!(await isOverdue(site, operation))) return true
    }
    return false
  }

  /** Operations first: their events are committed with what they do. */
  const whatGoesOn = async (): Promise<'work' | 'events' | 'nothing'> => {
    if (await isWorking()) return 'work'
    return (await isPublished()) ? 'nothing' : 'events'
  }

  /** Waits on, unless events have not been published for too long. */
  const waitOn = async (
    goesOn: 'work' | 'events',
    patience: { healAt: number; publishedBy: number },
  ): Promise<boolean> => {
    const now = monotonic()
    if (goesOn === 'work') patience.publishedBy = now + patienceWithWaiting
    if (now >= patience.publishedBy) {
      log.warn({}, 'the clock is turned on although events could not be published')
      return false
    }
    if (now >= patience.healAt) {
      // What it cannot heal it has logged.
      await heal().catch(() => undefined)
      patience.healAt = now + healEvery
    }
    await pause(lookEvery)
    return true
  }

  return async () => {
    const now = monotonic()
    const patience = { healAt: now + healEvery, publishedBy: now + patienceWithWaiting }
    // Twice: what was looked at first may have begun something while the second was looked at.
    for (let quiet = 0; quiet < 2 && !isStopping(); ) {
      const goesOn = await whatGoesOn()
      quiet = goesOn === 'nothing' ? quiet + 1 : 0
      if (goesOn !== 'nothing' && !(await waitOn(goesOn, patience))) return
    }
  }
}
