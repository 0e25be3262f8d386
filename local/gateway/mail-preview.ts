import type { StoredMessage } from '../../adapters/mailbox/spool.ts'
import { type CustomDomainEvent, eventSchema, type SiteEvent, siteEventSchema } from '../../core/events/event.ts'
import { isCustomDomainEvent } from '../../core/events/event-names.ts'
import { plusDays } from '../../core/instant.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import type { Relocation } from '../../core/site/relocation.ts'
import type {
  ActiveSite,
  ArchivedSite,
  AsleepSite,
  BuildingSite,
  FailedSite,
  Site,
  SuspendedSite,
} from '../../core/site/site.ts'
import { closureMail, erasureMail } from '../../lambdas/accounts/closure-mail.ts'
import { teamInvitationMail } from '../../lambdas/accounts/team/invitation-mail.ts'
import type { CustomDomain } from '../../lambdas/domains/custom-domain.ts'
import { domainMail } from '../../lambdas/domains/mail-domain.ts'
import { signupMail } from '../../lambdas/signup/mail-code.ts'
import { type SiteMailFacts, siteMail } from '../../lambdas/sites/mail-owner.ts'
import { approvalMail } from '../../lambdas/sites/summary/approve-summary.ts'
import { invitationMail } from '../../lambdas/trials/waiting-list/admit-waiting.ts'

/** What mails to owners are made of, beside the event and the site. */
export type PreviewFacts = Omit<SiteMailFacts, 'event' | 'site' | 'to'>

const siteId = 'site_01jq3v5k8m0000000000000000'
const accountId = 'acct_01jq3v5k8m0000000000000000'
const to = 'robin@example.com'
const timeZone = 'Europe/Berlin'
const secret = 'a'.repeat(43)
const blueprint = { name: 'welcome', version: 1 }

const sampleBase = (policyVersion: number, createdAt: string) =>
  ({
    schemaVersion: 1,
    id: siteId,
    version: 2,
    cell: 'local',
    blueprint,
    policyVersion,
    createdAt,
    completedSteps: [],
    generation: 1,
  }) as const

const sampleSites = ({ now, plans, policies }: PreviewFacts) => {
  const kept = {
    ...sampleBase(policies.current.version, now),
    extensionsUsed: 0,
    archives: [],
    plan: plans.plans.find(({ id }) => isTrialPlan(id))?.id ?? 'trial',
    ownership: { accountId, slug: 'acme-pumps', hostname: 'acme-pumps.example.com', name: 'Acme Pumps', since: now },
    trialEndsAt: plusDays(now, 14),
  } as const
  const active: ActiveSite = { ...kept, status: 'active', reminded: [7, 3, 1] }
  const suspended = (because: SuspendedSite['suspendedBecause']): SuspendedSite => ({
    ...kept,
    status: 'suspended',
    suspendedAt: now,
    suspendedBecause: because,
    reminded: [],
    ...(because === 'owner-deletion' && { deletion: { requestedAt: now, by: 'owner' } }),
  })
  const archived: ArchivedSite = {
    ...kept,
    status: 'archived',
    archivedAt: now,
    trialEndsAt: now,
    reminded: [],
    warned: [14, 3],
    suspendedBecause: 'trial-ended',
  }
  const asleep: AsleepSite = { ...kept, status: 'asleep', asleepSince: now, reminded: [] }
  const started = { ...sampleBase(policies.current.version, now), plan: kept.plan, ownership: kept.ownership }
  const building: BuildingSite = {
    ...started,
    status: 'building',
    operation: { kind: 'provision', id: 'preview', fence: 1, startedAt: now },
  }
  const failure = { step: 'ready', reason: 'It started, but did not answer in time.', at: now } as const
  const failed: FailedSite = { ...started, status: 'failed', failure }
  return { building, failed, active, asleep, suspended, archived }
}

/** A site whose relocation is planned, in two weeks on an evening, or done. */
const relocated = ({ now, plans }: PreviewFacts, site: ActiveSite, state: Relocation['state']): ActiveSite => {
  const day = plusDays(now, 14).slice(0, 10)
  const relocation: Relocation = {
    ...{ revision: 1, state, confirmDays: 14, draftedBy: 'sales@example.com' },
    target: { plan: plans.plans.findLast(({ id }) => !isTrialPlan(id))?.id },
    window: { from: `${day}T21:00:00.000Z`, until: `${day}T23:00:00.000Z`, timeZone },
    contract: { number: 'SW-2027-004', firstDay: day, lastDay: plusDays(now, 379).slice(0, 10) },
    forecast: { seconds: 240, rehearsedAt: now, blueprint: site.blueprint },
    ...(state === 'switched' && { switched: { at: now, archiveId: 'arc_01jq3v5k8m0000000000000000', back: {} } }),
  }
  return { ...site, relocation }
}

/** The same site as an environment of another one. */
const asEnvironment =
  ({ now }: PreviewFacts) =>
  <Known extends Site>(site: Known): Known => ({
    ...site,
    // As the command that creates one names it.
    ...('ownership' in site && { ownership: { ...site.ownership, name: `${site.ownership?.name} (qa)` } }),
    reminded: [1],
    environmentOf: { siteId, name: 'qa', hours: 168, until: plusDays(now, 1) },
  })

/** Every mail about a site, by its event. */
const siteMails = (facts: PreviewFacts): readonly (MailMessage | undefined)[] => {
  const { now, plans, policies } = facts
  const { building, failed, active, asleep, suspended, archived } = sampleSites(facts)
  const environment = asEnvironment(facts)
  let count = 0
  const about = (type: SiteEvent['type'], site: Site, data: object = {}) => {
    count += 1
    const event = siteEventSchema.parse({
      ...{ schemaVersion: 1, id: `evt_${'0'.repeat(24)}${String(count).padStart(2, '0')}`, type, version: 2, at: now },
      ...{ aggregate: { type: 'site', id: siteId }, actor: { kind: 'system' }, causationId: 'preview' },
      data: { status: site.status, plan: site.plan, cell: 'local', blueprint, accountId, ...data },
    })
    return siteMail({ ...facts, event, site, to })
  }
  const paid = plans.plans.find(({ prices }) => prices.length > 0)
  const [price] = paid?.prices ?? []
  const subscribed = (state: 'active' | 'past-due' | 'ended', cancelsAtPeriodEnd = false) => {
    if (paid === undefined || price === undefined) return undefined
    const { interval, currency } = price
    const since = state === 'past-due' ? { pastDueSince: now } : state === 'ended' ? { endedSince: now } : {}
    const how = { cancelsAtPeriodEnd, endsWithDeletion: false, isDisputed: false, paidThrough: plusDays(now, 30) }
    return { subscriptionId: 'sub_preview', state, plan: paid.id, interval, currency, ...how, ...since }
  }
  const billing = (is: ReturnType<typeof subscribed>, was?: ReturnType<typeof subscribed>) =>
    is === undefined
      ? undefined
      : about(
          'SiteBillingChanged',
          { ...active, plan: is.plan, billing: is },
          { billing: is, ...(was && { previousBilling: was }) },
        )
  const running = subscribed('active')
  const overdue = subscribed('past-due')
  const over = subscribed('ended')
  /** Why a site is not entitled any more. */
  const overFor = (because: SuspendedSite['suspendedBecause']) => ({
    trialEndsAt: now,
    ...(because === 'payment-overdue' &&
      overdue && {
        plan: overdue.plan,
        billing: { ...overdue, pastDueSince: plusDays(now, -policies.current.pastDueDays) },
      }),
    ...(because === 'subscription-ended' && over && { plan: over.plan, billing: { ...over, paidThrough: now } }),
  })
  const relocation = (state: Relocation['state']) => relocated(facts, active, state)
  const accepted = relocation('accepted')
  const switched = relocation('switched')
  return [
    about('SiteRequested', building),
    about('SiteClaimed', active),
    about('SiteFailed', failed, { step: 'ready' }),
    ...[7, 3, 1].map((daysBefore) =>
      about('SiteReminded', { ...active, trialEndsAt: plusDays(now, daysBefore) }, { daysBefore }),
    ),
    about('TrialExtended', active, { trialEndsAt: active.trialEndsAt }),
    ...(
      [
        'trial-ended',
        'payment-overdue',
        'subscription-ended',
        'storage-full',
        'owner-deletion',
        'operator',
        'moved',
      ] as const
    ).map((because) => about('SiteSuspended', { ...suspended(because), ...overFor(because) }, { because })),
    about('SiteReminded', environment(active), { daysBefore: 1 }),
    about('SiteSuspended', environment(suspended('owner-deletion')), { because: 'owner-deletion' }),
    about('SiteArchived', archived, { archiveId: 'arc_01jq3v5k8m0000000000000000' }),
    ...[14, 3].map((daysBefore) => {
      const archivedAt = plusDays(now, daysBefore - policies.current.retentionDays)
      return about('SiteWarned', { ...archived, archivedAt, trialEndsAt: archivedAt }, { daysBefore })
    }),
    about('SiteRestored', active, { archiveId: 'arc_01jq3v5k8m0000000000000000' }),
    about('SitePurged', active),
    billing(running),
    billing(overdue, running),
    billing(running, overdue),
    billing(subscribed('active', true), running),
    billing(over, running),
    about('SitePaymentReturned', active, {
      because: 'second-subscription',
      returned: { subscriptionId: 'sub_preview', amount: price?.amount ?? 1900, currency: price?.currency ?? 'EUR' },
    }),
    about('SiteStorageNoted', { ...active, storage: 'near' }, { because: 'near' }),
    about('SiteStorageNoted', { ...active, storage: 'full' }, { because: 'full' }),
    about('SiteDown', active),
    about('SiteOperationEnded', asleep, { operation: 'wake', outcome: 'failed' }),
    about('RelocationDrafted', relocation('draft'), { revision: 1 }),
    about('RelocationAccepted', accepted, { revision: 1 }),
    about('RelocationAnnounced', accepted),
    about('RelocationMissed', relocation('draft'), { because: 'brake' }),
    about('SiteUpgraded', switched, { previousVersion: 1, relocation: 'switched' }),
    about('SiteUpgraded', relocation('returned'), { previousVersion: 1, relocation: 'returned' }),
    about('SiteSupportEntered', active, { reason: 'You asked about your invoices.', until: plusDays(now, 1) }),
  ]
}

const aboutDomain = (facts: PreviewFacts, type: CustomDomainEvent['type'], data: { readonly because?: string }) => {
  const { now } = facts
  const id = 'dom_01jq3v5k8m0000000000000000'
  const event = eventSchema.parse({
    ...{ schemaVersion: 1, id: `evt_${id.slice(4)}`, type, version: 2, at: now, actor: { kind: 'system' } },
    ...{ aggregate: { type: 'domain', id }, causationId: 'preview' },
    data: { siteId, accountId, state: 'verified', ...data },
  })
  if (!isCustomDomainEvent(event)) return undefined
  const known = { schemaVersion: 1, id, version: 2, siteId, accountId, addedAt: now, nextCheckAt: now } as const
  const domain: CustomDomain = {
    ...{ ...known, hostname: 'www.acme.example', verifiedAt: now },
    ...(type === 'CustomDomainVerified'
      ? { state: 'verified' }
      : { state: 'releasing', because: 'records-gone', releaseAt: plusDays(now, 7) }),
  }
  return domainMail({ ...facts, event, domain, siteName: 'Acme Pumps', to })
}

const otherMails = (facts: PreviewFacts): readonly (MailMessage | undefined)[] => {
  const { now } = facts
  const id = '01jq3v5k8m0000000000000000'
  const owner = { id: `prsn_${id}`, email: to, timeZone } as const
  const domains = [
    aboutDomain(facts, 'CustomDomainVerified', {}),
    aboutDomain(facts, 'CustomDomainReleasing', { because: 'records-gone' }),
    aboutDomain(facts, 'CustomDomainReleased', { because: 'plan-changed' }),
  ]
  return [
    signupMail({ ...facts, signup: { id: `sgn_${id}`, email: to, expiresAt: plusDays(now, 1) }, codeSecret: secret }),
    teamInvitationMail(
      { id: `inv_${id}`, email: to, role: 'developer', createdAt: now, expiresAt: plusDays(now, 7) },
      { ...facts, inviter: 'ada@example.com' },
    ),
    invitationMail({ accountId, joinedAt: now, until: plusDays(now, 3) }, { ...facts, to, timeZone }),
    closureMail({
      ...facts,
      account: { id: accountId },
      owner,
      closure: { at: now, until: plusDays(now, 7) },
      codeSecret: secret,
    }),
    erasureMail({ ...facts, person: owner, expiresAt: now }),
    approvalMail({
      ...facts,
      site: { id: siteId, name: 'Acme Pumps' },
      link: { id: `lnk_${id}`, createdAt: now, expiresAt: plusDays(now, 14) },
      owner,
    }),
    ...domains,
  ]
}

/** Every mail to visitors and owners with sample data, as the mailbox shows it. */
export const previewMails = (given: PreviewFacts): readonly StoredMessage[] => {
  const facts = { ...given, timeZone }
  return [...otherMails(facts), ...siteMails(facts)].flatMap((mail) =>
    mail === undefined
      ? []
      : [{ ...mail, schemaVersion: 1, sentAt: facts.now, status: 'stored', attempts: 0, updatedAt: facts.now }],
  )
}
