import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import { endOfTime, type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { SiteRuntime, SiteStorage } from '../../core/ports/runtime.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import {
  attemptContext,
  beginOperation,
  changeSite,
  commitOrRepeat,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { homeOf, placeOf } from '../../core/site/location.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import type { AsleepSite } from '../../core/site/site.ts'
import { type RoomPorts, readCells } from '../sites/cells/place-sites.ts'
import type { Brake } from '../trials/brake.ts'
import type { IdleCheck, IdleChecks } from './idle.ts'
import type { RequestPorts } from './wake-site.ts'

/** When a site that sleeps becomes dormant; undefined if it is, or if its platform keeps nothing of it. */
export const dormantAt = (
  { dormantAfterDays }: { readonly dormantAfterDays?: number | undefined },
  { asleepSince, dormantSince }: AsleepSite,
): Instant | undefined =>
  dormantAfterDays === undefined || dormantSince !== undefined ? undefined : plusDays(asleepSince, dormantAfterDays)

const beginDormancy = (site: AsleepSite, context: ChangeContext): SiteChange<AsleepSite> =>
  beginOperation<AsleepSite>(
    site,
    { ...site, operation: { ...begun(site, 'dormancy', context), kind: 'dormancy' } },
    context,
  )

const becomeDormant = (site: AsleepSite & SiteUnder<'dormancy'>, context: ChangeContext): SiteChange<AsleepSite> => {
  const { operation: _, ...kept } = site
  const after: AsleepSite = { ...kept, dormantSince: context.clocks.wall() }
  const details = { operation: 'dormancy', outcome: 'done' }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

/** How many sites a sweep has become dormant. AWS takes one change of a task definition a second; half of them are for builds and wakes. */
export const maxBegun = 30
const minuteMilliseconds = 60_000
const hourMilliseconds = 60 * minuteMilliseconds

/** Begins the dormancy of the sites that one sweep finds due. Those beyond its pace are due again in the minutes after it. */
export const createDormancies = (
  ports: RequestPorts & { readonly idleChecks: Pick<IdleChecks, 'replace'>; readonly brake: Brake },
  { now, causationId }: { readonly now: Instant; readonly causationId: string },
) => {
  const { idleChecks, brake, sites, clocks, randomness } = ports
  let found = 0
  let asked: Promise<boolean> | undefined

  /** @returns the milliseconds until it is due again; undefined if it may begin. */
  const waitOf = async (site: AsleepSite): Promise<number | undefined> => {
    asked ??= brake.isOn()
    if (await asked) return hourMilliseconds
    if (site.operation !== undefined) return 2 * minuteMilliseconds
    const turn = Math.floor(found / maxBegun)
    found += 1
    return turn === 0 ? undefined : turn * minuteMilliseconds
  }

  const begin = async (siteId: SiteId): Promise<void> => {
    const context = { actor: system, causationId, clocks, randomness }
    const site = await changeSite(sites, siteId, (current) =>
      current?.status === 'asleep' && current.operation === undefined && current.dormantSince === undefined
        ? beginDormancy(current, context)
        : undefined,
    )
    if (site !== undefined && 'operation' in site && site.operation?.kind === 'dormancy') {
      await startOperationSoon(ports, site)
    }
  }

  /** @param next when the site is checked again in any case. @returns whether there was a turn for it. */
  return async (check: IdleCheck, site: AsleepSite, next?: Instant | undefined): Promise<boolean> => {
    const wait = await waitOf(site)
    const again = plusMilliseconds(now, wait ?? hourMilliseconds)
    // It stays due until it is dormant: this attempt may fail.
    await idleChecks.replace(check, next !== undefined && next < again ? next : again)
    if (wait === undefined) await begin(site.id)
    return wait === undefined
  }
}

export type Dormancies = ReturnType<typeof createDormancies>

/** In a cell with a smaller share of free places, sites become dormant before their time, so that others can be built and wake. */
export const leastFree = 0.1
const maxChecks = 500
const searchMilliseconds = 20_000

const mayBecomeDormant = ({ operation, dormantSince, asleepSince }: AsleepSite, now: Instant): boolean =>
  operation === undefined && dormantSince === undefined && plusMilliseconds(asleepSince, hourMilliseconds) <= now

/** Frees places in cells that have few: those who have slept for longest become dormant first, but none that slept for less than an hour. */
export const freePlaces = async (
  ports: RoomPorts & {
    readonly sites: Pick<SiteStore, 'get'>
    readonly idleChecks: Pick<IdleChecks, 'due'>
    readonly dormantAfterDays?: number | undefined
    readonly monotonic: () => number
  },
  { now, beginDormancy }: { readonly now: Instant; readonly beginDormancy: Dormancies },
): Promise<void> => {
  if (ports.dormantAfterDays === undefined) return
  const full = (await readCells(ports)).filter(({ sites, room }) => room < sites * leastFree).map(({ name }) => name)
  if (full.length === 0) return
  const until = ports.monotonic() + searchMilliseconds
  let asleep = 0
  // The checks of sites that sleep are due when they become dormant. Those of sites that may run idle for hours stand between them.
  for await (const check of ports.idleChecks.due(endOfTime, plusMilliseconds(now, hourMilliseconds))) {
    if (asleep === maxChecks || ports.monotonic() >= until) return
    const site = await ports.sites.get(check.siteId)
    if (site?.status !== 'asleep' || !full.includes(site.cell)) continue
    asleep += 1
    if (mayBecomeDormant(site, now) && !(await beginDormancy(check, site))) return
  }
}

/**
 * Removes what the platform keeps of a site that sleeps, and then records that it is dormant. Its data stays, and a start makes the rest
 * again. A wake replaces the operation, and each part is removed only if the operation still stands.
 * @throws {SitewrightError} `OperationSuperseded`; `RuntimeUnavailable`: repeat it.
 */
export const giveBack = async (
  ports: ReclaimPorts & {
    readonly runtime: Pick<SiteRuntime, 'remove'>
    readonly storage: Pick<SiteStorage, 'release'>
  },
  attempt: OperationAttempt,
): Promise<void> => {
  const requireWanted = async () => {
    const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'dormancy')
    if (site.status === 'asleep') return site
    throw new SitewrightError('OperationSuperseded', `${site.id} is not asleep.`)
  }
  await ports.runtime.remove(placeOf(await requireWanted()), requireWanted)
  await ports.storage.release?.(homeOf(await requireWanted()))
  await commitOrRepeat(ports, becomeDormant(await requireWanted(), attemptContext(ports, attempt)))
}
