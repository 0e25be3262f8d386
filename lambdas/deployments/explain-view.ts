import type * as z from 'zod'
import { refuseField } from '../../core/errors.ts'
import type { Actor } from '../../core/events/actor.ts'
import type { SiteEvent } from '../../core/events/event.ts'
import type { AccountId, PersonId } from '../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds, toInstant } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import { ownerHistory, wasOf } from '../../core/site/owner-history.ts'
import type { Site } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { Configuration, ConfigurationStore } from '../configuration/configuration.ts'
import { titleOf } from '../operators/timeline.ts'
import type { PeriodOfUsage, UsageStore } from '../reports/usage/ports.ts'
import { latencyBounds, usageDays } from '../reports/usage/usage.ts'
import { eventsSince } from '../reports/usage/view.ts'
import type { FailureEvidence } from '../sites/evidence/evidence.ts'
import type { EvidenceStore } from '../sites/evidence/ports.ts'
import { isOfOperation, lastLinesOf } from './advance-deployments.ts'
import { type Deployment, type DeploymentStore, ownBlueprint } from './deployment.ts'
import type { explanationSchema } from './explain-operations.ts'

export interface ExplainPorts extends Pick<Context, 'clocks'> {
  readonly siteLists: Pick<SiteLists, 'pageOfEvents'>
  readonly deployments: Pick<DeploymentStore, 'list'>
  readonly configurations: Pick<ConfigurationStore, 'list'>
  readonly evidence: Pick<EvidenceStore, 'list'>
  readonly usage: Pick<UsageStore, 'list'>
  readonly accounts: Pick<AccountStore, 'getPerson'>
}

type Entry = z.infer<typeof explanationSchema>['entries'][number]
type Told = Omit<Entry, 'person'> & { readonly personId?: PersonId | undefined }

interface Range {
  readonly from: Instant
  readonly until: Instant
}

/** More would hide what matters: those nearest to the moment are kept. */
const maxEntries = 200
/** Lines are large: only so many failures have theirs. */
const maxWithLines = 10
const maxDeployments = 100
const minute = 60_000
const hour = 60 * minute
const slowMilliseconds = 1000

const byOf: Readonly<Record<Actor['kind'], Entry['by']>> = { owner: 'owner', operator: 'staff', system: 'system' }

const personOf = (actor: Actor): PersonId | undefined => (actor.kind === 'owner' ? actor.personId : undefined)

const wayBackOf = ({ to, archiveId }: NonNullable<Deployment['back']>): string =>
  `version ${to}${archiveId === undefined ? '' : ', with the data from then'}`

const isWithin = ({ from, until }: Range, at: Instant | undefined): boolean =>
  at !== undefined && at >= from && at <= until

const shortCommit = (commit: string): string => commit.replace(/^([0-9a-f]{12})[0-9a-f]+/, '$1')

/** Its begin, and its end if it failed. An event says that it is live. */
const ofDeployment = (deployment: Deployment): Told[] => {
  const { version, at, actor, commit, status, cause = 'The cause is not known.', lines, endedAt } = deployment
  const { promotedFrom, back } = deployment
  const from = promotedFrom === undefined ? '' : ` with what '${promotedFrom.name}' runs`
  const begun =
    back === undefined
      ? `Deployment of version ${version}${from}`
      : `Rollback to ${wayBackOf(back)}, as version ${version},`
  const failed = status === 'went-back' ? 'did not work, and the site runs as before' : 'was not started'
  return [
    {
      ...{ at, kind: 'deployment', by: byOf[actor.kind], personId: personOf(actor) },
      text: `${begun} began${commit === undefined ? '' : `, commit ${shortCommit(commit)}`}`,
    },
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

const attempts: Readonly<Record<FailureEvidence['during'], string>> = {
  build: 'It could not be made',
  restore: 'It could not be restored',
  resize: 'The change of its plan failed, and it runs as before',
  upgrade: 'It did not start with other values or data, and it runs as before',
  wake: 'It did not wake',
}

const ofFailure = (failure: FailureEvidence): Told => ({
  ...{ at: failure.at, kind: 'failure', by: 'system' },
  text: `${attempts[failure.during]}: ${failure.detail}`,
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

/** Developers know neither the pool nor our operations. */
const texts: Readonly<Partial<Record<SiteEvent['type'], string>>> = {
  SiteRequested: 'It was asked for',
  SiteOpened: 'It was made',
  SiteClaimed: 'It was made',
  PreparedSiteClaimed: 'It was made',
  SiteFailed: 'It could not be made',
  SiteRestored: 'It was restored from its newest copy',
  SiteCopied: 'Its data was copied',
}

const operationTexts: Readonly<Record<string, string>> = {
  copy: 'The copy of its data failed',
  restore: attempts.restore,
  upgrade: attempts.upgrade,
  sleep: 'It did not fall asleep',
  wake: attempts.wake,
}

const textOf = (event: SiteEvent): string => {
  const own = event.type === 'SiteOperationEnded' ? operationTexts[event.data.operation] : texts[event.type]
  return own ?? titleOf(event)
}

/** Its platform started it again, or lost it: the address changed although nobody did anything with the site. */
const isRestart = ({ type, data }: SiteEvent): boolean =>
  type === 'SiteMoved' && data.status === 'active' && !('operation' in data)

interface Known {
  readonly deployments: readonly Deployment[]
  readonly configurations: readonly Configuration[]
}

const valuesText = (configurations: readonly Configuration[], number: number, at: Instant): string => {
  if (number === 0) return 'Restarted without variables and secrets that people set'
  // A new version has the highest number.
  const isBack = configurations.some((one) => one.version > number && one.at <= at)
  if (isBack) return `Restarted with version ${number} of its variables and secrets`
  const names = configurations.find(({ version }) => version === number)?.changed.join(', ')
  return `Restarted with other values of ${names || 'its variables and secrets'}`
}

const ofUpgrade = (
  { at, data }: Extract<SiteEvent, { type: 'SiteUpgraded' }>,
  { deployments, configurations }: Known,
): Partial<Told> & Pick<Told, 'kind' | 'text'> => {
  const { configuration: number, blueprint, previousVersion, restored } = data
  const deployed = deployments.find((one) => one.blueprint.name === blueprint.name && one.version === blueprint.version)
  // The version of the software before the first one may have the same number.
  const isOther = previousVersion !== blueprint.version || (number === undefined && restored === undefined)
  if (deployed !== undefined && isOther) {
    const { version, back } = deployed
    const was = back === undefined ? '' : `: what was ${wayBackOf(back)}`
    return { kind: 'deployment', text: `Version ${version} is live${was}`, by: 'system' }
  }
  if (restored !== undefined) return { kind: 'event', text: 'Its data was replaced by that of a copy' }
  // Of somebody else's software, or so long ago that the deployment is not known any more.
  if (number === undefined) return { kind: 'event', text: 'It was started with another version' }
  return { kind: 'variables', text: valuesText(configurations, number, at) }
}

const ofEvent = (event: SiteEvent, accountId: AccountId, known: Known): Told[] => {
  const { at } = event
  if (isRestart(event)) {
    return wasOf(event, accountId) ? [{ at, kind: 'restart', text: 'Restarted', by: 'system' }] : []
  }
  const [told] = ownerHistory([event], accountId)
  if (told === undefined) return []
  const said =
    event.type === 'SiteUpgraded'
      ? ofUpgrade(event, known)
      : { kind: kinds[event.type] ?? ('event' as const), text: textOf(event) }
  return [{ at, by: told.by, personId: told.personId, ...said }]
}

/** A restart changes the address twice: it is gone, and there is another one. */
const withoutEchoes = (entries: readonly Told[]): readonly Told[] =>
  entries.filter(({ kind }, index) => kind !== 'restart' || entries[index - 1]?.kind !== 'restart')

const ofUsage = ({ start, usage: { requests, serverErrors, latency } }: PeriodOfUsage): Told[] => {
  const slow = latency.reduce(
    (sum, answers, index) => ((latencyBounds[index] ?? Infinity) > slowMilliseconds ? sum + answers : sum),
    0,
  )
  if (serverErrors + slow === 0) return []
  const failed = serverErrors === 0 ? [] : [`${serverErrors} of ${requests} requests failed`]
  const late = slow === 0 ? [] : [`${slow} of ${requests} answers took more than a second`]
  const text = `In the hour from here, ${[...failed, ...late].join(', and ')}`
  return [{ at: start, kind: 'errors', text, by: 'system' }]
}

const nearest = (entries: readonly Told[], at: Instant): readonly Told[] => {
  const distance = (entry: Told): number => Math.abs(Date.parse(entry.at) - Date.parse(at))
  let shown = 0
  return entries
    .toSorted((one, other) => distance(one) - distance(other))
    .slice(0, maxEntries)
    .map(({ lines, ...entry }) => {
      const isShown = lines !== undefined && lines.length > 0 && shown < maxWithLines
      if (isShown) shown += 1
      return { ...entry, ...(isShown && { lines }) }
    })
    .toSorted((one, other) => (one.at < other.at ? -1 : 1))
}

/** Names the people who did something; null for who has left, and where nobody of the account did it. */
const withPeople = async ({ accounts }: ExplainPorts, told: readonly Told[]): Promise<Entry[]> => {
  const ids = [...new Set(told.flatMap(({ personId }) => personId ?? []))]
  const people = new Map(
    await Promise.all(ids.map(async (id) => [id, (await accounts.getPerson(id))?.email ?? null] as const)),
  )
  return told.map(({ personId, ...entry }) => ({ ...entry, person: (personId && people.get(personId)) ?? null }))
}

/** The range around a moment, up to now. @throws {SitewrightError} `InvalidRequest` for a moment that is still to come, or too long ago. */
const rangeAround = (at: Instant, minutes: number, now: Instant): Range => {
  if (at > now || at < plusDays(now, -usageDays.hour)) {
    const problem = `must be within the last ${usageDays.hour} days. It is ${now} by the clock of the server`
    refuseField('at', problem, `The parameter at ${problem}.`)
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
  request: { readonly at?: string | undefined; readonly minutes: number },
): Promise<z.infer<typeof explanationSchema>> => {
  const now = ports.clocks.wall()
  const at = request.at === undefined ? now : toInstant(new Date(request.at))
  const range = rangeAround(at, request.minutes, now)
  // Tests advance the clock of events.
  const ahead = Date.parse(ports.clocks.domain()) - Date.parse(now)
  const [past, deployments, configurations, failures, hours] = await Promise.all([
    eventsSince(ports.siteLists, site.id, plusMilliseconds(range.from, ahead)),
    ports.deployments.list(site.id, maxDeployments),
    ports.configurations.list(site.id),
    ports.evidence.list(site.id),
    ports.usage.list(site.id, { period: 'hour', from: plusMilliseconds(range.from, -hour), until: range.until }),
  ])
  // A deployment says itself why it failed, and the software before the first one is of somebody else.
  const told = deployments.flatMap(({ operationId }) => operationId ?? [])
  const own = ownBlueprint(site.id)
  const others = failures.filter(
    ({ id, blueprint: { name } }) => name === own && !told.some((one) => isOfOperation(id, one)),
  )
  const known = [...told, ...others.map(({ id }) => id)]
  const events = past.events
    .map((event) => ({ ...event, at: plusMilliseconds(event.at, -ahead) }))
    .filter(
      ({ type, causationId }) => type !== 'SiteOperationEnded' || !known.some((id) => isOfOperation(causationId, id)),
    )
    .filter(({ type }) => type !== 'SiteFailed' || !others.some(({ during }) => during === 'build'))
  const ofEvents = events
    .filter((event) => isWithin(range, event.at))
    .toReversed()
    .flatMap((event) => ofEvent(event, accountId, { deployments, configurations }))
  const entries = [
    ...withoutEchoes(ofEvents),
    ...deployments.flatMap(ofDeployment).filter((entry) => isWithin(range, entry.at)),
    ...others.filter((failure) => isWithin(range, failure.at)).map(ofFailure),
    ...hours.flatMap(ofUsage),
  ]
  const ownVersion = ({ name, version }: typeof site.blueprint) => (name === own ? version : null)
  const before = events.find((event) => event.at < range.from && wasOf(event, accountId))
  return {
    ...{ now, at, ...range },
    before: before ? { at: before.at, status: before.data.status, version: ownVersion(before.data.blueprint) } : null,
    isComplete: past.isComplete && entries.length <= maxEntries,
    entries: await withPeople(ports, nearest(entries, at)),
  }
}
