import { firstOf } from '../../../core/each-at-once.ts'
import { refuse, SitewrightError } from '../../../core/errors.ts'
import { system } from '../../../core/events/event-names.ts'
import { earlierRequest, idempotencyRecord } from '../../../core/idempotency.ts'
import type { SiteId } from '../../../core/ids.ts'
import { endOfTime, type Instant, plusMilliseconds } from '../../../core/instant.ts'
import { copiesOf } from '../../../core/plan/plan.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { IdempotencyStore, SiteStore } from '../../../core/ports/stores.ts'
import {
  type ActPorts,
  changeOwnSite,
  findOwnSite,
  type OwnerAct,
  requireIdle,
  requireKept,
  startOperationSoon,
} from '../../../core/site/change-site.ts'
import { reasonForNone } from '../../../core/site/copy-schedule.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { dueStep } from '../../../core/site/next-step.ts'
import { isLive, type LiveSite, type Site } from '../../../core/site/site.ts'
import { type AdmitPorts, countingSuccess } from '../../rate-limits/admit-in-window.ts'
import type { UsageStore } from '../../reports/usage/ports.ts'
import { isClockWrong, type WatchBrakePorts } from '../../trials/watch-brake.ts'
import { beginCopy } from './take-copy.ts'

export interface CopyPorts extends ActPorts, AdmitPorts {
  readonly idempotency: IdempotencyStore
}

export interface CopyAct extends OwnerAct {
  readonly idempotencyKey?: string | undefined
}

const requireCopyable = (found: Site): LiveSite => {
  const site = requireKept(found)
  if (!isLive(site)) return refuse(`This site is ${site.status}. Resume it first.`)
  requireIdle(site)
  return site
}

interface CopyRequest {
  /** What it asks for, so that two with one key can be told apart. */
  readonly is: { readonly copyOf: string } | { readonly restore: string; readonly of: string }
  /** Throws what refuses it, unless it is a repeated request. */
  readonly allow?: (site: LiveSite) => Promise<void>
}

/**
 * Begins what interrupts the owner's site for its data, which counts towards `copiesPerDay`. A repeated request with the same key begins nothing.
 * @param begin gets the site, which is active or asleep and has no operation.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` unless it is active or asleep, `OperationInProgress`, `RateLimited`,
 *   `IdempotencyKeyReused`; whatever `begin` throws.
 */
export const beginWithCopy = async (
  ports: CopyPorts,
  act: CopyAct,
  { is, allow }: CopyRequest,
  begin: (site: LiveSite, context: ChangeContext) => SiteChange<LiveSite>,
): Promise<Site> => {
  const { accountId, idempotencyKey } = act
  const request = idempotencyKey === undefined ? undefined : { scope: accountId, key: idempotencyKey, request: is }
  const earlier = await earlierRequest(ports.idempotency, request, ports.clocks.wall())
  const found = await findOwnSite(ports, act)
  if (earlier !== undefined) return found
  await allow?.(requireCopyable(found))
  // A refused copy does not count, also if another one began at the same moment.
  const site = await countingSuccess(ports, copyWindow(requireCopyable(found).id), () =>
    changeOwnSite(ports, act, (now, context) => {
      const change = begin(requireCopyable(now), context)
      if (request === undefined) return change
      const idempotency = idempotencyRecord(request, change.after.operation?.id ?? '', ports.clocks.wall())
      return { ...change, reserve: { idempotency } }
    }),
  )
  return startOperationSoon(ports, site)
}

/** Begins a copy of the owner's site, which pauses for it unless it is asleep. @throws {SitewrightError} as `beginWithCopy`. */
export const copyOwnSite = (ports: CopyPorts, act: CopyAct): Promise<Site> =>
  beginWithCopy(ports, act, { is: { copyOf: act.siteId } }, beginCopy)

/** Each copy interrupts the site. Not meant for backups. */
export const copiesPerDay = 4

/** Failed copies count, because they interrupt the site too. */
const copyWindow = (siteId: SiteId) => ({
  key: `copies-${siteId}`,
  limit: copiesPerDay,
  milliseconds: 24 * 60 * 60_000,
  message: (wait: string) =>
    `The data of a site can be copied or restored ${copiesPerDay} times a day. Try again in ${wait}.`,
})

/** Does without a scheduled copy: the next one is counted from now. */
export const skipCopy = (
  site: LiveSite,
  because: NonNullable<ReturnType<typeof reasonForNone>>,
  context: ChangeContext,
): SiteChange<LiveSite> => {
  const isAsleep = because === 'unused' && site.status === 'asleep' && { isAsleep: true as const }
  const copying = { ...site.copying, checkedAt: context.clocks.domain(), ...isAsleep }
  const after = { ...site, copying }
  return siteChange({ transition: 'skipCopy', before: site, after, details: { because } }, context)
}

interface ScheduleCopiesPorts extends ActPorts, WatchBrakePorts, Pick<Context, 'plans' | 'startsAtOnce'> {
  readonly sites: SiteStore
  readonly usage: Pick<UsageStore, 'lastUse'>
  /** Those whose disk is there. */
  readonly cells: readonly string[]
}

/** How many due sites one run reads again before it acts on them, of those whose disk is there. */
const maxChecks = 400

/** A site that waits for the archiver stands still, so only a few are copied at a time. */
const roomForCopies = async ({ sites, startsAtOnce }: ScheduleCopiesPorts): Promise<number> => {
  let room = startsAtOnce
  for await (const site of sites.listDue({ kind: 'operation', until: endOfTime })) {
    if (isLive(site) && site.operation?.kind === 'copy') room -= 1
  }
  return room
}

/** The oldest copy comes first: where the hour is too short for all, each gets its turn on one of the next days. One that fails has had its turn. */
const inTurns = async (listed: AsyncIterable<Site>, now: Instant) => {
  const due: { readonly id: SiteId; readonly cell: string; readonly turnAt: Instant | '' }[] = []
  for await (const site of listed) {
    const turns = isLive(site) ? [...site.archives.map(({ at }) => at), site.copying?.begunAt ?? ''] : []
    const had = turns.filter((at) => at <= now)
    due.push({ id: site.id, cell: site.cell, turnAt: had.toSorted().at(-1) ?? '' })
  }
  return due.toSorted((one, other) => (one.turnAt === other.turnAt ? 0 : one.turnAt < other.turnAt ? -1 : 1))
}

/** What may be due by the index, and then what is further ahead than any schedule: it was counted by a clock that was ahead. */
const listDueCopies = async ({ sites, clocks, plans }: ScheduleCopiesPorts) => {
  const now = clocks.domain()
  const hours = Math.max(0, ...plans.plans.map(({ copies }) => copies?.everyHours ?? 0))
  const after = plusMilliseconds(now, hours * 60 * 60_000)
  return [
    ...(await inTurns(sites.listDue({ kind: 'copy', until: now }), now)),
    ...(await inTurns(firstOf(sites.listDue({ kind: 'copy', after, until: endOfTime }), maxChecks), now)),
  ]
}

/** The site without what a clock that was ahead has dated: counted from there, it would not be copied until then. */
const withoutFuture = (site: LiveSite, { domain, wall }: Record<'domain' | 'wall', Instant>): LiveSite => {
  const { checkedAt = '', copiedAt = '', ...copying } = site.copying ?? {}
  const { ownership } = site
  return {
    ...site,
    ownership: { ...ownership, since: ownership.since <= domain ? ownership.since : new Date(0).toISOString() },
    archives: site.archives.filter(({ at }) => at <= domain),
    copying: {
      ...copying,
      ...(checkedAt !== '' && checkedAt <= domain && { checkedAt }),
      ...(copiedAt !== '' && copiedAt <= wall && { copiedAt }),
    },
  }
}

/** The change that is due now; undefined if the site has to wait, for a disk or for room. */
const dueChange = async (
  ports: ScheduleCopiesPorts,
  site: LiveSite,
  hasRoom: boolean,
  context: ChangeContext,
): Promise<SiteChange<LiveSite> | undefined> => {
  const copies = copiesOf(ports.plans, site.plan)
  const now = ports.clocks.domain()
  const known = withoutFuture(site, { domain: now, wall: ports.clocks.wall() })
  const due = dueStep(known, ports.policies.find(site.policyVersion), now, copies)
  if (copies === undefined || due?.step !== 'copy' || site.operation !== undefined) return undefined
  const facts = { dueAt: due.dueAt, now, lastUse: await ports.usage.lastUse(site.id) }
  const because = reasonForNone(known, facts)
  if (because !== undefined) return skipCopy(site, because, context)
  return hasRoom && ports.cells.includes(site.cell) ? beginCopy(site, context, { keep: copies.keep }) : undefined
}

/**
 * Begins the copies that the plans' schedules want, a few at a time, while the clock is right.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const takeScheduledCopies = async (ports: ScheduleCopiesPorts, causationId: string): Promise<void> => {
  const { sites, clocks, log } = ports
  // By a wrong clock, all sites would be due at once.
  if (await isClockWrong(ports, clocks.domain())) return
  const context = { actor: system, causationId, ...ports }
  const failed: string[] = []
  let room: number | undefined
  let checks = 0
  for (const { id, cell } of await listDueCopies(ports)) {
    room ??= await roomForCopies(ports)
    try {
      const site = await sites.get(id)
      const change = isLive(site) ? await dueChange(ports, site, room > 0, context) : undefined
      if (change !== undefined && (await sites.commit(change)).done && change.after.operation !== undefined) {
        room -= 1
        await startOperationSoon(ports, change.after)
      }
    } catch (error) {
      log.warn({ event: 'deadline-failed', siteId: id, err: error }, 'a scheduled copy could not be begun')
      failed.push(id)
    }
    // Those whose disk is away wait for it until their copy is skipped, and must not use up the checks of the others.
    checks += ports.cells.includes(cell) ? 1 : 0
    if (checks === maxChecks) break
  }
  if (failed.length > 0) throw new SitewrightError('Unavailable', `Scheduled copies failed for: ${failed.join(', ')}`)
}
