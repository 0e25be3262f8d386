import { eachApart } from '../../core/each-at-once.ts'
import type { DomainEvent, LeadEvent } from '../../core/events/event.ts'
import { accountOf, isSiteEvent, system } from '../../core/events/event-names.ts'
import type { AccountId, SiteId } from '../../core/ids.ts'
import { earliest } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { eventHead } from '../../core/site/lifecycle.ts'
import type { Site } from '../../core/site/site.ts'
import type { Account } from '../accounts/account.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import { type RecordPorts, recordUsage, reportAccountOf } from '../reports/record-rows.ts'
import { type GatherFactsPorts, gatherFacts } from './gather-facts.ts'
import { type Lead, type LeadStore, newLead } from './lead.ts'
import { forgetWords, nextCheck, renewalCheck, scoreLead, withRenewal } from './score-lead.ts'

export interface FollowLeadsPorts
  extends GatherFactsPorts,
    RecordPorts,
    Pick<Context, 'clocks' | 'randomness' | 'log' | 'isStopping'> {
  readonly leads: LeadStore
  readonly sites: Pick<SiteStore, 'get' | 'listByAccount'>
}

/** The index may not have a site's last change yet. */
const presentSites = async ({ sites }: FollowLeadsPorts, id: AccountId, changed?: SiteId): Promise<readonly Site[]> => {
  const [listed, fresh] = await Promise.all([sitesOf(sites, id), changed && sites.get(changed)])
  return fresh === undefined ? listed : [...listed.filter((site) => site.id !== fresh.id), fresh]
}

const eventsOf = (
  ports: FollowLeadsPorts,
  { accountId, events, stage, score, facts }: Lead,
  before: Lead | undefined,
  causationId: string,
): readonly LeadEvent[] => {
  const event = (number: number) => ({
    ...eventHead({ ...ports, actor: system, causationId }),
    aggregate: { type: 'lead' as const, id: accountId },
    version: events + number,
  })
  const isActivated = facts.activatedAt !== undefined && before?.facts.activatedAt === undefined
  const activated: readonly LeadEvent[] = isActivated ? [{ ...event(1), type: 'LeadActivated', data: {} }] : []
  if (stage === before?.stage) return activated
  const data = { stage, score, ...(before === undefined ? {} : { previousStage: before.stage }) }
  return [...activated, { ...event(activated.length + 1), type: 'LeadStageChanged', data }]
}

/** A lead cools when its score is so many points below the best since it cooled last. */
const coolingPoints = 10

const cooling = (before: Lead | undefined, score: number, now: string): Pick<Lead, 'scoreBefore' | 'cooledAt'> => {
  const best = Math.max(score, before?.score ?? 0, before?.scoreBefore ?? 0)
  return best - score < coolingPoints ? { scoreBefore: best } : { scoreBefore: score, cooledAt: now }
}

const scored = (
  { leadPolicy, clocks }: FollowLeadsPorts,
  before: Lead | undefined,
  { account, sites, gathered }: { account: Account; sites: readonly Site[]; gathered: Pick<Lead, 'facts' | 'read'> },
): Lead => {
  const now = clocks.domain()
  const score = scoreLead(gathered.facts, leadPolicy, now)
  const isAwake = sites.some(({ status }) => status === 'active' || status === 'building')
  const checkAt = earliest([nextCheck(gathered.facts, leadPolicy, { now, isAwake }), renewalCheck(sites, now)])
  const { checkAt: _, ...kept } = before ?? newLead
  return {
    ...kept,
    schemaVersion: 1,
    accountId: account.id,
    personId: account.ownerId,
    version: (before?.version ?? 0) + 1,
    ...score,
    ...cooling(before, score.score, now),
    stageSince: before?.stage === score.stage ? before.stageSince : now,
    ...gathered,
    scoredAt: now,
    ...(checkAt === undefined ? {} : { checkAt }),
  }
}

/** An operation tells up to a dozen events at once, all of one account's lead. */
const attempts = 24

/** Gathers an account's facts, records its usage for reports, and scores its lead. Removes the lead of an erased account; one that came with an invitation to a team has none. */
export const followLead = (
  ports: FollowLeadsPorts,
  accountId: AccountId,
  { causationId, changed }: { readonly causationId: string; readonly changed?: SiteId | undefined },
): Promise<void> =>
  retryOnConflict(
    'The lead',
    async () => {
      const { leads, accounts } = ports
      const [before, account] = await Promise.all([leads.get(accountId), accounts.get(accountId)])
      if (account === undefined || account.closure?.state === 'erased' || account.invited) {
        return before === undefined ? undefined : leads.remove(accountId)
      }
      // A rebuild of reports finds it by this, also where the account's events were lost.
      if (before === undefined) await reportAccountOf(ports, accountId)
      const sites = await presentSites(ports, accountId, changed)
      const { unrecorded, ...gathered } = await gatherFacts(ports, { account, sites, before })
      for (const { siteId, hours } of unrecorded) await recordUsage(ports, accountId, siteId, hours)
      const now = ports.clocks.domain()
      const lead = forgetWords(
        withRenewal(scored(ports, before, { account, sites, gathered }), before, now),
        ports.leadPolicy,
        now,
      )
      const events = eventsOf(ports, lead, before, causationId)
      return (await leads.save({ ...lead, events: lead.events + events.length }, ...events)) ? undefined : conflict
    },
    attempts,
  )

export const followLeadOf = async (ports: FollowLeadsPorts, event: DomainEvent): Promise<void> => {
  const accountId = accountOf(event)
  const changed = isSiteEvent(event) ? event.aggregate.id : undefined
  if (accountId !== undefined) await followLead(ports, accountId, { causationId: event.id, changed })
}

/** The next run follows in a minute. */
const maxLeads = 1000
const leadsAtOnce = 8

/**
 * Scores the leads whose score changes with time. A lead that fails is due again in the next run.
 * @throws {SitewrightError} `Unavailable` at the end if some failed.
 */
export const followDueLeads = async (ports: FollowLeadsPorts, causationId: string): Promise<void> => {
  const { leads, clocks, log, isStopping } = ports
  const ids: AccountId[] = []
  for await (const id of leads.due(clocks.domain())) {
    ids.push(id)
    if (ids.length === maxLeads) break
  }
  await eachApart(
    ids,
    {
      log,
      atOnce: leadsAtOnce,
      named: (accountId) => ['accountId', accountId],
      failed: 'a lead could not be scored; the next run tries again',
      summary: 'The leads of these accounts could not be scored',
    },
    async (accountId) => {
      if (!isStopping()) await followLead(ports, accountId, { causationId })
    },
  )
}
