import { defined } from '../../core/defined.ts'
import type { SiteId } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import { earliest, type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { StorageMeter } from '../../core/ports/runtime.ts'
import { homeOf } from '../../core/site/location.ts'
import { isKept, isLive, type Site } from '../../core/site/site.ts'
import type { Account } from '../accounts/account.ts'
import { hourOfRow } from '../reports/record-rows.ts'
import type { PeriodOfUsage, UsageStore } from '../reports/usage/ports.ts'
import { maxProductEvents, type ProductEvents } from '../reports/usage/product-events.ts'
import { periodOf, startOfPeriod } from '../reports/usage/usage.ts'
import type { Lead, ReadHour } from './lead.ts'
import { type LeadFacts, type LeadPolicy, usageMemoryDays } from './lead-facts.ts'
import { contractEnd, isActivated, isPaid, paymentOf } from './score-lead.ts'

/** Ten days with all events that a blueprint can declare. Beyond it, the oldest are forgotten. */
const maxRemembered = 10 * maxProductEvents

/** Adds to the product events that a lead remembers, by day and name. */
const rememberEvents = (before: NonNullable<LeadFacts['productEvents']> = []) => {
  const counts = new Map(before.map((each) => [`${each.day} ${each.name}`, each]))
  return {
    /** @param counted those of them that were added before. */
    add: (day: string, events: ProductEvents = new Map(), counted: Readonly<Record<string, number>> = {}): void => {
      const known = new Map(Object.entries(counted))
      for (const [name, count] of events) {
        const key = `${day} ${name}`
        const sum = (counts.get(key)?.count ?? 0) + count - (known.get(name) ?? 0)
        if (sum > 0) counts.set(key, { day, name, count: sum })
      }
    },
    /** Returns those of a day and later, oldest first; nothing if there are none. */
    since: (oldest: string): Pick<LeadFacts, 'productEvents'> => {
      const kept = [...counts]
        .filter(([, { day }]) => day >= oldest)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .slice(-maxRemembered)
      return kept.length === 0 ? {} : { productEvents: kept.map(([, event]) => event) }
    },
  }
}

export interface GatherFactsPorts extends Pick<Context, 'plans' | 'clocks'> {
  readonly usage: Pick<UsageStore, 'list'>
  readonly meter: Pick<StorageMeter, 'measure'>
  readonly leadPolicy: LeadPolicy
}

interface UsageOfSite {
  readonly siteId: SiteId
  readonly hours: readonly (PeriodOfUsage & { readonly at: Instant })[]
}

const asRead = ({ start, at, usage }: PeriodOfUsage & { readonly at: Instant }): ReadHour => ({
  hour: start,
  at,
  requests: usage.requests,
  others: [usage.clientErrors, usage.serverErrors, usage.bytes],
  ...(usage.productEvents && { productEvents: Object.fromEntries(usage.productEvents) }),
})

const hoursOf = (read: Lead['read'][string] | undefined): readonly ReadHour[] => {
  if (read === undefined) return []
  const { before, ...last } = read
  return before === undefined ? [last] : [last, before]
}

const hourBefore = (hour: Instant): Instant => plusMilliseconds(hour, -3_600_000)

/**
 * The hour from which usage is read: the one before the last, because routers report minutes later. A last hour in the future was read while the
 * clock was ahead; then this hour is read.
 */
const readFrom = ({ hour }: ReadHour, wall: Instant): Instant =>
  hour > wall ? startOfPeriod(periodOf('hour', wall)) : hourBefore(hour)

/**
 * Adds the usage since the last reading to the days that are remembered. Routers count by the wall clock; the days are by the domain clock, which tests
 * advance.
 */
const readUsage = async ({ usage, clocks }: GatherFactsPorts, sites: readonly Site[], before: Lead | undefined) => {
  const [now, wall] = [clocks.domain(), clocks.wall()]
  const ahead = Date.parse(now) - Date.parse(wall)
  const days = new Map(before?.facts.usage.map(({ day, requests }) => [day, requests]))
  const events = rememberEvents(before?.facts.productEvents)
  const read = { ...before?.read }
  const unrecorded: UsageOfSite[] = []
  // What was used before a suspension counts.
  for (const { id } of sites.filter(isKept)) {
    const known = hoursOf(read[id])
    const [last] = known
    const from = last === undefined ? plusDays(wall, -usageMemoryDays) : readFrom(last, wall)
    const listed = await usage.list(id, { period: 'hour', from, until: plusMilliseconds(wall, 1) })
    const hours = listed.map((hour) => {
      const counted = known.find((read) => read.hour === hour.start)
      // An hour that was recorded before keeps its row, also if the domain clock was advanced meanwhile.
      return { ...hour, counted, at: counted?.at ?? hourOfRow(clocks, hour.start) }
    })
    for (const { counted, lastUsedAt, ...hour } of hours) {
      const { requests, productEvents } = hour.usage
      const added = requests - (counted?.requests ?? 0)
      const day = plusMilliseconds(lastUsedAt, ahead).slice(0, 10)
      if (added > 0) days.set(day, (days.get(day) ?? 0) + added)
      events.add(day, productEvents, counted?.productEvents)
    }
    unrecorded.push({ siteId: id, hours: hours.filter((hour) => inOrder(hour.counted) !== inOrder(asRead(hour))) })
    const [previous, newest] = [hours.at(-2), hours.at(-1)]
    if (newest === undefined) continue
    const isNext = previous !== undefined && previous.start === hourBefore(newest.start)
    read[id] = { ...asRead(newest), ...(isNext && { before: asRead(previous) }) }
  }
  const oldest = plusDays(now, -usageMemoryDays).slice(0, 10)
  // A later day was read while the clock was ahead.
  const newest = plusDays(now, 1).slice(0, 10)
  const kept = [...days]
    .filter(([day]) => day >= oldest && day <= newest)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { read, unrecorded, usage: kept.map(([day, requests]) => ({ day, requests })), ...events.since(oldest) }
}

const mebibyte = 1024 * 1024

/** How full the fullest site is; as known before if no site can be measured now. */
const storageOf = async ({ meter, plans }: GatherFactsPorts, sites: readonly Site[], before: Lead | undefined) => {
  const live = sites.filter(isLive)
  const shares = await Promise.all(
    live.map(async (site) => {
      const bytes = await meter.measure(homeOf(site))
      return bytes === undefined ? [] : [(100 * bytes) / (plans.find(site.plan).limits.storageMiB * mebibyte)]
    }),
  )
  const known = shares.flat()
  const percent = known.length === 0 ? before?.facts.storagePercent : Math.max(...known)
  return percent === undefined || live.length === 0 ? {} : { storagePercent: Math.round(percent * 10) / 10 }
}

const trialEnd = ({ plans }: GatherFactsPorts, sites: readonly Site[]): Instant | undefined =>
  earliest(
    sites.filter(isLive).flatMap(({ plan, trialEndsAt }) => (plans.find(plan).kind === 'trial' ? [trialEndsAt] : [])),
  )

interface AboutAccount {
  readonly account: Account
  readonly sites: readonly Site[]
  readonly before: Lead | undefined
}

/** Gathers the facts about an account, and the hours of usage that reports lack. Costs a few reads for each of its sites. */
export const gatherFacts = async (
  ports: GatherFactsPorts,
  { account, sites, before }: AboutAccount,
): Promise<{ readonly facts: LeadFacts; readonly read: Lead['read']; readonly unrecorded: readonly UsageOfSite[] }> => {
  const [{ read, unrecorded, ...used }, storage] = await Promise.all([
    readUsage(ports, sites, before),
    storageOf(ports, sites, before),
  ])
  const kept = sites.filter(isKept)
  const paid = kept.filter((site) => isPaid(ports, site))
  const payment = paymentOf(paid)
  const trialEndsAt = trialEnd(ports, sites)
  const now = ports.clocks.domain()
  const contractEndsOn = contractEnd(sites, now)
  const activatedAt = before?.facts.activatedAt ?? (isActivated(used, ports.leadPolicy) ? now : undefined)
  const asked = before?.contactRequests[0]
  const facts: LeadFacts = {
    signedUpAt: account.createdAt,
    isClosed: account.closure !== undefined,
    companyMail: account.mail?.kind === 'company',
    sites: {
      live: sites.filter((site) => isLive(site) || site.status === 'building').length,
      paid: paid.length,
      ended: sites.filter(({ status }) => ['suspended', 'archived', 'purged'].includes(status)).length,
    },
    ...defined({ payment, trialEndsAt, contractEndsOn, activatedAt }),
    ...storage,
    extensions: kept.reduce((sum, { extensionsUsed }) => sum + extensionsUsed, 0),
    ...used,
    contactRequests: { count: before?.contactRequests.length ?? 0, ...(asked && { lastAt: asked.at }) },
    refusals: before?.refusals ?? { count: 0 },
  }
  return { facts, read, unrecorded }
}
