import { firstOf } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import { endOfTime } from '../../core/instant.ts'
import type { Clocks, Context, Randomness } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { startOperationSoon } from '../../core/site/change-site.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { dueStep } from '../../core/site/next-step.ts'
import { latestBegin, presentForecast, type Relocation } from '../../core/site/relocation.ts'
import { isKept, isLive, type KeptSite, type LiveSite } from '../../core/site/site.ts'
import type { PlacementPorts } from '../sites/cells/place-sites.ts'
import { isClockWrong, type WatchBrakePorts } from '../trials/watch-brake.ts'
import { beginRelocation, type TargetPorts, takePlace, targetProblem } from './begin-relocation.ts'
import { announceRelocation, confirmRelocation, missRelocation, planWaitsUntil } from './relocation-changes.ts'
import { isSwitching } from './switch-sides.ts'

export interface AdvanceRelocationsPorts extends TargetPorts, WatchBrakePorts, Pick<Context, 'copiesAtOnce'> {
  readonly cellCounts: PlacementPorts['cellCounts']
  readonly sites: SiteStore
  readonly brake: { readonly isOn: () => Promise<boolean> }
  readonly workflows: Workflows
  readonly clocks: Clocks
  readonly randomness: Randomness
}

const maxInOneRun = 100

type TakeTurn = () => Promise<boolean>

/** Has no more sites switch at once than the archiver copies. Counts them when it is first asked. */
const turnsFor = ({ sites, copiesAtOnce }: AdvanceRelocationsPorts): TakeTurn => {
  let room: number | undefined
  return async () => {
    if (room === undefined) {
      room = copiesAtOnce
      for await (const site of sites.listDue({ kind: 'operation', until: endOfTime })) {
        if (isKept(site) && isSwitching(site)) room -= 1
      }
    }
    room -= 1
    return room >= 0
  }
}

/**
 * In its window: begins the relocation if all that it needs is there. Waits for a lock, the brake, its turn or room in the cell as long as the forecast
 * still fits, and then leaves everything as it is.
 */
const relocating = async (
  ports: AdvanceRelocationsPorts,
  site: LiveSite,
  relocation: Relocation,
  takeTurn: TakeTurn,
  context: ChangeContext,
): Promise<SiteChange | undefined> => {
  const { failed } = relocation
  if (failed !== undefined) {
    // Nothing but its window refuses a switch that has begun.
    return missRelocation(site, failed === 'TransitionNotAllowed' ? 'window-passed' : failed, context)
  }
  const isLate = ports.clocks.domain() > latestBegin(relocation)
  if (!isLate && (site.operation !== undefined || (await ports.brake.isOn()))) return undefined
  const problem = await targetProblem(ports, site, relocation.target)
  // An attempt that failed may still have its place, until the next count.
  const isFull = problem?.because === 'cell-full'
  if (isLate) return missRelocation(site, isFull ? 'cell-full' : 'window-passed', context)
  if (presentForecast(site, relocation) === undefined) return missRelocation(site, 'rehearsed-before', context)
  if (problem !== undefined) return isFull ? undefined : missRelocation(site, problem.because, context)
  if (!(await takeTurn()) || !(await takePlace(ports, site, relocation.target))) return undefined
  return beginRelocation(ports, site, relocation, context)
}

const nextChange = async (
  ports: AdvanceRelocationsPorts,
  site: KeptSite,
  takeTurn: TakeTurn,
  context: ChangeContext,
): Promise<SiteChange | undefined> => {
  const { relocation } = site
  const due = dueStep(site, ports.policies.find(site.policyVersion), ports.clocks.domain())
  if (relocation === undefined || due === undefined) return undefined
  if (due.step === 'confirm') {
    const mustWait = site.operation !== undefined || planWaitsUntil(site, ports) !== undefined
    return mustWait ? undefined : confirmRelocation(site, {}, context)
  }
  if (!isLive(site)) return undefined
  if (due.step === 'announce') return announceRelocation(site, context)
  return due.step === 'relocate' ? relocating(ports, site, relocation, takeTurn, context) : undefined
}

/**
 * Announces, begins and confirms the relocations that are due, while the clock is right.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const advanceRelocations = async (ports: AdvanceRelocationsPorts, causationId: string): Promise<void> => {
  const { sites, clocks, log } = ports
  if (await isClockWrong(ports, clocks.domain())) return
  const failed: string[] = []
  const takeTurn = turnsFor(ports)
  const context = { actor: system, causationId, ...ports }
  for await (const { id } of firstOf(sites.listDue({ kind: 'relocation', until: clocks.domain() }), maxInOneRun)) {
    try {
      const site = await sites.get(id)
      const change = isKept(site) ? await nextChange(ports, site, takeTurn, context) : undefined
      if (change !== undefined && (await sites.commit(change)).done) await startOperationSoon(ports, change.after)
    } catch (error) {
      log.warn({ event: 'deadline-failed', siteId: id, err: error }, 'a relocation could not be advanced')
      failed.push(id)
    }
  }
  if (failed.length > 0) throw new SitewrightError('Unavailable', `Relocations failed for: ${failed.join(', ')}`)
}
