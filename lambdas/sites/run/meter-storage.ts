import { SitewrightError } from '../../../core/errors.ts'
import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Limits } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { StorageMeter } from '../../../core/ports/runtime.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { changeSite, type ReclaimPorts, startOperationSoon } from '../../../core/site/change-site.ts'
import { limitsOf } from '../../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { homeOf } from '../../../core/site/location.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { suspendSite } from '../../endings/end-site.ts'
import type { Brake } from '../../trials/brake.ts'
import type { Pace } from '../../trials/pull-brake.ts'

const mebibyte = 1_048_576

/** Shares of the plan's storage, with hysteresis. */
const near = { from: 0.8, until: 0.75 } as const
const full = { from: 1, until: 0.95 } as const
const overflowing = 1.1

const shareOf = (bytes: number, { storageMiB }: Pick<Limits, 'storageMiB'>): number => bytes / (storageMiB * mebibyte)

/** Time for the owner to delete data; longer than one measurement is cached, so that a site is found too large twice. */
const graceMilliseconds = 30 * 60_000

type StorageLevel = NonNullable<ActiveSite['storage']>

export const storageLevel = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  before: StorageLevel | undefined,
): StorageLevel | undefined => {
  const share = shareOf(bytes, limits)
  if (share >= (before === 'full' ? full.until : full.from)) return 'full'
  return share >= (before === undefined ? near.from : near.until) ? 'near' : undefined
}

/** Whether a full site keeps growing although the router admits nothing, and its owner had time to act. */
export const isOverflowing = (
  bytes: number,
  limits: Pick<Limits, 'storageMiB'>,
  { storage, storageSince }: Pick<ActiveSite, 'storage' | 'storageSince'>,
  now: Instant,
): boolean =>
  storage === 'full' &&
  shareOf(bytes, limits) > overflowing &&
  (storageSince === undefined || now >= plusMilliseconds(storageSince, graceMilliseconds))

export const noteStorageLevel = (
  site: ActiveSite,
  level: StorageLevel | undefined,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { storage: _, storageSince: __, ...kept } = site
  const noted = level && { storage: level, storageSince: context.clocks.domain() }
  const after: ActiveSite = { ...kept, ...noted }
  return siteChange({ transition: 'noteStorage', before: site, after, details: { because: level ?? 'room' } }, context)
}

export interface MeterStoragePorts extends ReclaimPorts, Pick<Context, 'plans' | 'isStopping'> {
  readonly meter: StorageMeter
  readonly brake: Brake
  readonly pace: Pace
  readonly workflows: Workflows
  readonly cells: readonly string[]
}

interface Overflow {
  readonly siteId: SiteId
  readonly generation: number
  readonly bytes: number
}

/** More sites than this count and share at once can only be a mistake of ours. */
const suspiciousCount = 5
const suspiciousShare = 0.1

const stillThere = (site: Site | undefined, generation: number): ActiveSite | undefined =>
  site?.status === 'active' && site.generation === generation ? site : undefined

const meterSite = async (
  { sites, meter, plans, clocks }: MeterStoragePorts,
  listed: ActiveSite,
  context: ChangeContext,
): Promise<Overflow | 'fits' | 'unknown'> => {
  const { id, generation } = listed
  const bytes = await meter.measure(homeOf(listed), listed.storage === 'full')
  if (bytes === undefined) return 'unknown'
  // Usually nothing has changed, which needs no read.
  const allowed = limitsOf(listed, plans.find(listed.plan))
  const isSame = storageLevel(bytes, allowed, listed.storage) === listed.storage
  if (isSame && !isOverflowing(bytes, allowed, listed, clocks.domain())) return 'fits'
  let overflows = false
  await changeSite(sites, id, (found) => {
    const site = stillThere(found, generation)
    if (site === undefined) return undefined
    const limits = limitsOf(site, plans.find(site.plan))
    overflows = isOverflowing(bytes, limits, site, clocks.domain())
    const level = storageLevel(bytes, limits, site.storage)
    return level === site.storage ? undefined : noteStorageLevel(site, level, context)
  })
  return overflows ? { siteId: id, generation, bytes } : 'fits'
}

/** Suspends full sites within the rate limit, unless the plan or the data has changed meanwhile. */
const suspendOverflowing = async (
  ports: MeterStoragePorts,
  { siteId, generation, bytes }: Overflow,
  context: ChangeContext,
): Promise<void> => {
  const { sites, plans, clocks, pace } = ports
  if (!(await pace.take(`the storage-full site ${siteId}`))) return
  const suspended = await changeSite(sites, siteId, (found) => {
    const site = stillThere(found, generation)
    if (site === undefined) return undefined
    if (!isOverflowing(bytes, limitsOf(site, plans.find(site.plan)), site, clocks.domain())) return undefined
    return suspendSite(site, { because: 'storage-full' }, context)
  })
  if (suspended?.status !== 'suspended') return
  ports.log.warn({ siteId, bytes }, 'a site grew far beyond its storage and is suspended')
  await startOperationSoon(ports, suspended)
}

/** Not while the brake is on, nor if the number is suspicious. */
const mayBeSuspended = async (
  { brake, log }: MeterStoragePorts,
  overflowing: readonly Overflow[],
  measured: number,
): Promise<boolean> => {
  if (overflowing.length === 0) return false
  if (await brake.isOn()) {
    const message = 'sites over their storage are not suspended: the brake is on'
    log.warn({ event: 'storage-suspension-braked', sites: overflowing.length }, message)
    return false
  }
  if (overflowing.length <= Math.max(suspiciousCount, measured * suspiciousShare)) return true
  const message = 'so many sites beyond their storage must be a mistake: none is suspended'
  log.error({ event: 'storage-mistake', sites: overflowing.length, measured }, message)
  return false
}

/**
 * Measures every owned site and records how full it is; mail and router follow. A full site that keeps growing is
 * suspended within the rate limit, even if it is paid for. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const meterStorage = async (ports: MeterStoragePorts, causationId: string): Promise<void> => {
  const { sites, cells, log, isStopping } = ports
  const context = { actor: system, causationId, ...ports }
  const left = new Set<SiteId>()
  const overflowing: Overflow[] = []
  let measured = 0

  const apart = async (siteId: SiteId, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      log.warn({ siteId, err: error }, 'the storage of a site could not be metered')
      left.add(siteId)
    }
  }

  for await (const site of sites.listByStatus('active')) {
    if (isStopping()) return
    if (!cells.includes(site.cell)) continue
    await apart(site.id, async () => {
      const outcome = await meterSite(ports, site, context)
      if (outcome === 'unknown') return
      measured += 1
      if (outcome !== 'fits') overflowing.push(outcome)
    })
  }
  if (await mayBeSuspended(ports, overflowing, measured)) {
    for (const overflow of overflowing) await apart(overflow.siteId, () => suspendOverflowing(ports, overflow, context))
  }
  if (left.size > 0) {
    throw new SitewrightError('Unavailable', `The storage of these sites could not be metered: ${[...left].join(', ')}`)
  }
}
