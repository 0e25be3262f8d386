import type { SiteEvent } from '../../../core/events/event.ts'
import { isSiteEvent } from '../../../core/events/event-names.ts'
import { isId } from '../../../core/ids.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { isEnvironment } from '../../../core/site/environment.ts'
import { homeOf } from '../../../core/site/location.ts'
import { isRehearsal } from '../../../core/site/rehearsal.ts'
import { isAgreed } from '../../../core/site/relocation.ts'
import { ownershipOf, type Site } from '../../../core/site/site.ts'
import { isQuarantineOver, quarantinedSchema } from '../../../lambdas/endings/leftovers/quarantine.ts'
import {
  type AnyRollout,
  cellRolloutSchema,
  isOfCell,
  isOpen,
  lastFinished,
  rolloutSchema,
} from '../../../lambdas/releases/rollout.ts'
import { dataOf } from '../event-data.ts'
import { openRollouts } from './cell-steps.ts'
import { environmentProblems } from './environment-steps.ts'
import { moneyProblems } from './money-invariants.ts'
import { homeKey } from './outside-world.ts'
import type { SimWorld } from './sim-world.ts'
import type { StoredItems } from './stored-items.ts'

type Problems = readonly string[]

const stages = ['active', 'suspended', 'archived', 'purged']

/** The clock's own ways down, one stage at a time; and the two ways past a stage. */
const skippedStages = (site: Site, history: readonly SiteEvent[]): Problems =>
  history.flatMap((event) => {
    const { type } = event
    const { previousStatus = '', status, because } = dataOf(event)
    const [from, to] = [stages.indexOf(previousStatus), stages.indexOf(status)]
    if (from === -1 || to <= from + 1) return []
    const isAllowed = type === 'SitePurged' && (because === 'owner-deletion' || because === 'operators-deletion')
    return isAllowed ? [] : [`${site.id} went from ${previousStatus} to ${status} by ${type} (${because})`]
  })

/** What the clock does, and nobody else. */
const isOfClock = ({ type, data }: SiteEvent): boolean =>
  (type === 'SiteSuspended' && data.because === 'trial-ended') ||
  type === 'SiteArchived' ||
  (type === 'SitePurged' && data.because === 'retention-over')

/** A plan by arrangement has no end: only what somebody once paid for has one. */
const arrangedAndTaken = (site: Site, history: readonly SiteEvent[]): Problems => {
  let wasBought = false
  return history.flatMap((event) => {
    const { type } = event
    const data = dataOf(event)
    wasBought ||= data.billing !== undefined
    return !wasBought && isOfClock(event) && data.plan !== 'trial'
      ? [`${site.id} is on ${data.plan} and has ${type}`]
      : []
  })
}

const isReclaim = ({ type, data }: SiteEvent): boolean =>
  type === 'SiteArchived' || (type === 'SitePurged' && data.because === 'retention-over')

/** The type of the latest of these events that came before. */
const latestOf = (history: readonly SiteEvent[], before: SiteEvent, ...types: readonly string[]): string | undefined =>
  history.findLast(({ type, version }) => version < before.version && types.includes(type))?.type

/** What an owner was never told of is not purged by the clock; nor is what an operator holds. */
const unwarned = (site: Site, history: readonly SiteEvent[]): Problems =>
  history
    .filter(isReclaim)
    .flatMap((event) => [
      ...(event.type === 'SitePurged' && latestOf(history, event, 'SiteWarned', 'SiteArchived') !== 'SiteWarned'
        ? [`${site.id} was purged unwarned`]
        : []),
      ...(latestOf(history, event, 'SiteHeld', 'SiteHoldEnded') === 'SiteHeld'
        ? [`${site.id} is held and has ${event.type}`]
        : []),
    ])

/** A deadline that has not come takes nothing away. */
const tooEarly = (site: Site, history: readonly SiteEvent[]): Problems => {
  let trialEndsAt = ''
  return history.flatMap((event) => {
    trialEndsAt = dataOf(event).trialEndsAt ?? trialEndsAt
    const isEarly = event.type === 'SiteSuspended' && event.data.because === 'trial-ended' && event.at < trialEndsAt
    return isEarly && !history.some(({ type }) => type === 'SitePolicyChanged')
      ? [`${site.id} was suspended at ${event.at}, and its trial ended at ${trialEndsAt}`]
      : []
  })
}

/** After these the notices go out once more, for another deadline or because time has passed. */
const noticesAnew: readonly string[] = [
  'TrialExtended',
  'EnvironmentExtended',
  'SiteResumed',
  'SiteRestored',
  'SitePolicyChanged',
  'SitePlanChanged',
  'SiteBillingChanged',
  'SiteHoldEnded',
  'SiteDeletionRevoked',
  'SiteArchived',
  'RelocationMissed',
]

/** Each reminder of one end goes out once. */
const doubledNotices = (site: Site, history: readonly SiteEvent[]): Problems => {
  const seen = new Set<number>()
  return history.flatMap(({ type, data }) => {
    // The switch of a relocation, its way back, a plan for it that was accepted, and the end of a contract leave a trial some days.
    const isAnew = 'relocation' in data || ('wasAccepted' in data && data.wasAccepted === true)
    const isContract = 'side' in data && data.side === 'contract'
    if (noticesAnew.includes(type) || isAnew || isContract) seen.clear()
    if (type !== 'SiteReminded' && type !== 'SiteWarned') return []
    const { daysBefore } = data
    const isDoubled = seen.has(daysBefore)
    seen.add(daysBefore)
    return isDoubled ? [`${site.id} was told twice of ${daysBefore} days`] : []
  })
}

const gaps = (site: Site, history: readonly SiteEvent[]): Problems => {
  const versions = history.map(({ version }) => version).join()
  const wanted = Array.from({ length: site.version }, (_, index) => index + 1).join()
  return versions === wanted ? [] : [`${site.id} has the events ${versions} and not ${wanted}`]
}

const difference = (what: string, found: Iterable<string>, wanted: Iterable<string>): Problems => {
  const [left, right] = [new Set(found), new Set(wanted)]
  return [
    ...[...left].filter((one) => !right.has(one)).map((one) => `${what}: ${one} is left over`),
    ...[...right].filter((one) => !left.has(one)).map((one) => `${what}: ${one} is missing`),
  ]
}

/** A task that a time-out has overtaken may still write a copy: found in the last day, it is being watched, and will go. */
const watchedCopies = ({ ofKind }: StoredItems): readonly string[] =>
  ofKind('quarantined').flatMap(({ content }) => {
    const entry = quarantinedSchema.parse(content)
    const archiveId = entry.id.slice(entry.siteId.length + 1)
    if (entry.kind !== 'archive' || !isId('arc', archiveId) || isQuarantineOver(entry)) return []
    return Object.values(archiveKeys(entry.siteId, archiveId))
  })

/** Resources end where the records say, and are where the records say. */
const resources = ({ outside }: SimWorld, stored: StoredItems): Problems => {
  const { sites } = stored
  const lives = sites.filter(({ status }) => status === 'active' || status === 'ready')
  const homes = sites.filter(({ status }) => ['active', 'asleep', 'ready', 'suspended'].includes(status))
  const recorded = sites.flatMap((site) =>
    'archives' in site ? site.archives.flatMap(({ id }) => Object.values(archiveKeys(site.id, id))) : [],
  )
  const watched = new Set(watchedCopies(stored).filter((key) => !recorded.includes(key)))
  return [
    ...difference(
      'what runs',
      outside.running.keys(),
      lives.map(({ id }) => id),
    ),
    ...sites.flatMap((site) =>
      site.status === 'asleep' && site.dormantSince !== undefined
        ? [outside.keptOn.has(site.id), outside.reachable.has(homeKey(homeOf(site)))].flatMap((isThere, index) =>
            isThere ? [`${site.id} is dormant and its ${index === 0 ? 'runtime' : 'access to the data'} is there`] : [],
          )
        : [],
    ),
    ...difference(
      'data directories',
      outside.homes.keys(),
      homes.map((site) => homeKey(homeOf(site))),
    ),
    ...difference(
      'archives',
      outside.archiveKeys().filter((key) => !watched.has(key)),
      recorded,
    ),
  ]
}

const underWay = (sites: readonly Site[]): Problems =>
  sites.flatMap((site) =>
    'operation' in site && site.operation !== undefined
      ? [`${site.id} (${site.status}) still has the operation '${site.operation.kind}'`]
      : [],
  )

/** A product is open to visitors once it knows its owner, and none waits for ever. */
const handOvers = ({ outside }: SimWorld, sites: readonly Site[]): Problems =>
  sites.flatMap(({ id, status, handOver }) => {
    if (handOver?.status === 'done' && (outside.heard.get(id) ?? 0) < 2)
      return [`${id} is open and unknown to its product`]
    if (handOver?.status === 'pending' && status === 'active') return [`${id} is not handed over`]
    return []
  })

const hostnames = (sites: readonly Site[], { ofKind }: StoredItems): Problems => {
  const held = new Map(ofKind('host').map((item) => [String(item['pk']), item]))
  return sites.flatMap((site) => {
    const hostname = ownershipOf(site)?.hostname
    if (hostname === undefined || site.status === 'failed') return []
    const host = held.get(`HOST#${hostname}`)
    return host?.['siteId'] === site.id && host['status'] === 'held' ? [] : [`${hostname} is not held by ${site.id}`]
  })
}

const rolloutsIn = ({ ofKind }: Pick<StoredItems, 'ofKind'>): readonly AnyRollout[] =>
  ofKind('rollout').map(({ content }) => rolloutSchema.or(cellRolloutSchema).parse(content))

/** An active site has at least the version of the last roll-out that finished, unless it failed to get it, or went back from it. */
export const versionProblems = ({ sites, ofKind }: StoredItems): Problems =>
  rolloutsIn({ ofKind }).flatMap((rollout) => {
    if (isOfCell(rollout)) return []
    const wanted = isOpen(rollout) ? undefined : lastFinished(rollout)
    if (wanted === undefined) return []
    return sites.flatMap((site) => {
      if (site.status !== 'active' || site.operation !== undefined || site.blueprint.name !== rollout.blueprint)
        return []
      if (isRehearsal(site)) return []
      const { id, blueprint, failedUpgrade, upgradedFrom = 1 } = site
      const isExcused =
        isAgreed(site.relocation) ||
        failedUpgrade?.restored !== undefined ||
        (failedUpgrade?.to ?? 0) >= wanted ||
        upgradedFrom >= wanted
      return blueprint.version >= wanted || isExcused ? [] : [`${id} has version ${blueprint.version}, not ${wanted}`]
    })
  })

const ofOwned = (world: SimWorld, site: Site, history: readonly SiteEvent[]): Problems => [
  // Nobody pays for an environment, and it ends at its time.
  ...(isEnvironment(site) ? [] : moneyProblems(world.stripe, site, history)),
  ...[skippedStages, tooEarly, doubledNotices].flatMap((check) => check(site, history)),
  ...[arrangedAndTaken, unwarned].flatMap((check) =>
    check(
      site,
      history.filter(({ id }) => !world.leftCells.has(id)),
    ),
  ),
]

/** Every fault of a run at rest. */
export const simProblems = (world: SimWorld, stored: StoredItems): Problems => {
  const { sites, events } = stored
  const histories = Map.groupBy(events.filter(isSiteEvent), ({ aggregate }) => aggregate.id)
  return [
    ...world.outside.violations,
    ...world.takenWhilePaid,
    ...sites.flatMap((site) => {
      const history = (histories.get(site.id) ?? []).toSorted((a, b) => a.version - b.version)
      return [
        ...gaps(site, history),
        // Nobody pays for a rehearsal, and it ends at once.
        ...(isRehearsal(site) ? [] : ofOwned(world, site, history)),
      ]
    }),
    ...resources(world, stored),
    // A rehearsal has the hand-over of its original.
    ...handOvers(
      world,
      sites.filter((site) => !isRehearsal(site)),
    ),
    ...underWay(sites),
    ...hostnames(sites, stored),
    ...versionProblems(stored),
    ...environmentProblems(world, stored),
    ...openRollouts(rolloutsIn(stored).filter(isOfCell)),
  ]
}
