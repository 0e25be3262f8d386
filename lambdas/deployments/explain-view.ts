import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { Actor, SiteEvent } from '../../core/events/event.ts'
import type { AccountId } from '../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds, toInstant } from '../../core/instant.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import { ownerHistory } from '../../core/site/owner-history.ts'
import type { Site } from '../../core/site/site.ts'
import type { ConfigurationStore } from '../configuration/configuration.ts'
import { titleOf } from '../operators/timeline.ts'
import type { PeriodOfUsage, UsageStore } from '../reports/usage/ports.ts'
import { latencyBounds, usageDays } from '../reports/usage/usage.ts'
import { eventsSince } from '../reports/usage/view.ts'
import type { FailureEvidence } from '../sites/evidence/evidence.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { lastLinesOf } from './advance-deployments.ts'
import { type Deployment, type DeploymentStore, ownBlueprint } from './deployment.ts'
import type { explanationSchema } from './explain-operations.ts'

export interface ExplainPorts {
  readonly siteLists: Pick<SiteLists, 'pageOfEvents'>
  readonly deployments: Pick<DeploymentStore, 'list'>
  readonly configurations: Pick<ConfigurationStore, 'read'>
  readonly evidence: Pick<EvidenceStore, 'list'>
  readonly usage: Pick<UsageStore, 'list'>
  readonly clocks: Clocks
}

type Entry = z.infer<typeof explanationSchema>['entries'][number]

interface Range {
  readonly from: Instant
  readonly until: Instant
}

/** More would hide what matters: those nearest to the moment are kept. */
const mostEntries = 200
/** Lines are large: only so many failures have theirs. */
const mostWithLines = 10
const mostDeployments = 100
const minute = 60_000
const hour = 60 * minute
const slowMilliseconds = 1000

const byOf: Readonly<Record<Actor['kind'], Entry['by']>> = { owner: 'owner', operator: 'staff', system: 'system' }

const isWithin = ({ from, until }: Range, at: Instant | undefined): boolean =>
  at !== undefined && at >= from && at <= until

const ofDeployment = ({ version, at, actor, commit, status, cause = '', lines, endedAt }: Deployment): Entry[] => {
  const begun = `Version ${version} was deployed${commit === undefined ? '' : `, commit ${commit}`}`
  const failed = status === 'went-back' ? 'did not work, and the site went back' : 'was not started'
  return [
    { at, kind: 'deployment', text: begun, by: byOf[actor.kind] },
    ...(endedAt === undefined || status === 'live'
      ? []
      : [
          {
            ...{ at: endedAt, kind: 'failure' as const, by: 'system' as const },
            text: `Version ${version} ${failed}: ${cause}`,
            ...(lines && { lines: [...lines] }),
          },
        ]),
  ]
}

const ofFailure = (failure: FailureEvidence): Entry => ({
  ...{ at: failure.at, kind: 'failure', by: 'system' },
  text: `The ${failure.during} of version ${failure.blueprint.version} failed: ${failure.detail}`,
  lines: [...lastLinesOf(failure)],
})

const kinds: Readonly<Partial<Record<SiteEvent['type'], Entry['kind']>>> = {
  SiteFellAsleep: 'sleep',
  SiteWoke: 'sleep',
  SiteSleepChosen: 'sleep',
  SiteDown: 'failure',
  SiteFailed: 'failure',
  SiteOperationEnded: 'failure',
}

/** Its platform started it again, or lost it: the address changed although nobody did anything with the site. */
const isRestart = ({ type, data }: SiteEvent): boolean =>
  type === 'SiteMoved' && data.status === 'active' && !('operation' in data)

const upgradeOf = async (
  { configurations }: ExplainPorts,
  { aggregate, data }: Extract<SiteEvent, { type: 'SiteUpgraded' }>,
): Promise<Pick<Entry, 'kind' | 'text'>> => {
  const { configuration: number, blueprint, previousVersion, restored } = data
  if (restored !== undefined) return { kind: 'event', text: `A copy of its data was restored` }
  if (number === undefined) {
    return { kind: 'deployment', text: `Version ${blueprint.version} runs, after version ${previousVersion}` }
  }
  const changed = number === 0 ? [] : ((await configurations.read(aggregate.id, number))?.changed ?? [])
  const names = changed.length === 0 ? '' : `: ${changed.join(', ')}`
  return { kind: 'variables', text: `Started with version ${number} of its variables and secrets${names}` }
}

const ofEvent = async (ports: ExplainPorts, event: SiteEvent, accountId: AccountId): Promise<Entry[]> => {
  const { at, data } = event
  if (isRestart(event)) {
    return data.accountId === accountId ? [{ at, kind: 'restart', text: 'Restarted', by: 'system' }] : []
  }
  const [told] = ownerHistory([event], accountId)
  if (told === undefined) return []
  const { kind, text } =
    event.type === 'SiteUpgraded'
      ? await upgradeOf(ports, event)
      : { kind: kinds[event.type] ?? ('event' as const), text: titleOf(event) }
  return [{ at, kind, text, by: told.by }]
}

/** A restart changes the address twice: it is gone, and there is another one. */
const withoutEchoes = (entries: readonly Entry[]): readonly Entry[] =>
  entries.filter(({ kind }, index) => kind !== 'restart' || entries[index - 1]?.kind !== 'restart')

const ofUsage = ({ start, usage: { requests, serverErrors, latency } }: PeriodOfUsage): Entry[] => {
  const slow = latency.reduce(
    (sum, answers, index) => ((latencyBounds[index] ?? Infinity) > slowMilliseconds ? sum + answers : sum),
    0,
  )
  if (serverErrors + slow === 0) return []
  const text = `${serverErrors} of ${requests} requests failed in this hour, and ${slow} answers took more than a second`
  return [{ at: start, kind: 'errors', text, by: 'system' }]
}

const nearest = (entries: readonly Entry[], at: Instant): readonly Entry[] => {
  const distance = (entry: Entry): number => Math.abs(Date.parse(entry.at) - Date.parse(at))
  let shown = 0
  return entries
    .toSorted((one, other) => distance(one) - distance(other))
    .slice(0, mostEntries)
    .map(({ lines, ...entry }) => {
      const isShown = lines !== undefined && lines.length > 0 && shown < mostWithLines
      if (isShown) shown += 1
      return { ...entry, ...(isShown && { lines }) }
    })
    .toSorted((one, other) => (one.at < other.at ? -1 : 1))
}

/** The range around a moment, up to now. @throws {SitewrightError} `InvalidRequest` for a moment that is still to come, or too long ago. */
const rangeAround = (at: Instant, minutes: number, now: Instant): Range => {
  if (at > now || at < plusDays(now, -usageDays.hour)) {
    const message = `must be within the last ${usageDays.hour} days. It is ${now} by the clock of the server`
    throw new SitewrightError('InvalidRequest', `The parameter at ${message}.`, { fields: [{ path: 'at', message }] })
  }
  const until = plusMilliseconds(at, minutes * minute)
  return { from: plusMilliseconds(at, -minutes * minute), until: until < now ? until : now }
}

/**
 * Merges what is known of a site around a moment: its events, deployments, changes of variables, failures with the lines that were kept, and
 * errors by the hour.
 * @throws {SitewrightError} `InvalidRequest` for a moment that is still to come, or too long ago.
 */
export const explainSite = async (
  ports: ExplainPorts,
  site: Site,
  accountId: AccountId,
  wish: { readonly at?: string | undefined; readonly minutes: number },
): Promise<z.infer<typeof explanationSchema>> => {
  const now = ports.clocks.wall()
  const at = wish.at === undefined ? now : toInstant(new Date(wish.at))
  const range = rangeAround(at, wish.minutes, now)
  // Tests advance the clock of events.
  const ahead = Date.parse(ports.clocks.domain()) - Date.parse(now)
  const [past, deployments, failures, hours] = await Promise.all([
    eventsSince(ports.siteLists, site.id, plusMilliseconds(range.from, ahead)),
    ports.deployments.list(site.id, mostDeployments),
    ports.evidence.list(site.id),
    ports.usage.list(site.id, { period: 'hour', from: plusMilliseconds(range.from, -hour), until: range.until }),
  ])
  // A deployment says itself why it failed, and the software before the first one is of somebody else.
  const told = deployments.flatMap(({ operationId }) => operationId ?? [])
  const own = failures.filter(
    ({ id, blueprint: { name } }) => name === ownBlueprint(site.id) && !told.some((one) => id.startsWith(one)),
  )
  const known = [...told, ...own.map(({ id }) => id)]
  const events = past.events
    .map((event) => ({ ...event, at: plusMilliseconds(event.at, -ahead) }))
    .filter(({ type, causationId }) => type !== 'SiteOperationEnded' || !known.some((id) => causationId.startsWith(id)))
  const ofEvents = await Promise.all(
    events
      .filter((event) => isWithin(range, event.at))
      .toReversed()
      .map((event) => ofEvent(ports, event, accountId)),
  )
  const entries = [
    ...withoutEchoes(ofEvents.flat()),
    ...deployments.flatMap(ofDeployment).filter((entry) => isWithin(range, entry.at)),
    ...own.filter((failure) => isWithin(range, failure.at)).map(ofFailure),
    ...hours.flatMap(ofUsage),
  ]
  const before = events.find((event) => event.at < range.from && event.data.accountId === accountId)
  return {
    ...{ now, at, ...range },
    before: before ? { at: before.at, status: before.data.status, version: before.data.blueprint.version } : null,
    isComplete: past.isComplete && entries.length <= mostEntries,
    entries: [...nearest(entries, at)],
  }
}
