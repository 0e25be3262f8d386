import * as z from 'zod'
import type { DomainEvent } from '../../core/events/event.ts'
import { accountOf, isSiteEvent } from '../../core/events/event-names.ts'
import { idSchema } from '../../core/ids.ts'
import { messageIdOf } from '../../core/mail/mail-message.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { type SiteBilling, type SubscriptionNews, subscriptionNews } from '../../core/site/site-billing.ts'

type EventType = DomainEvent['type']

const instant = z.iso.datetime({ precision: 3 })

/** The fields that a type may add to `data`. Each is absent where the event has none. */
const fields = {
  because: z.string().describe('A code, such as `trial-ended`.'),
  daysBefore: z.int().describe('Days until the deadline.'),
  trialEndsAt: instant,
  previousPlan: z.string(),
  interval: z.string().describe('`month` or `year`.'),
  currency: z.string(),
  paidThrough: instant.describe('The end of the latest period that was paid for.'),
  stage: z.string().describe('The stage of the lead (docs/leads.md).'),
  previousStage: z.string(),
  score: z.int().describe('0 to 100.'),
  siteId: idSchema('site').describe('The site whose owner asked.'),
  topic: z.string().describe('`plans`, `enterprise`, `services` or `other`.'),
}
type Field = keyof typeof fields

interface Kind {
  readonly summary: string
  readonly about: 'account' | 'site'
  readonly from: readonly EventType[]
  readonly fields?: readonly Field[]
  /** Only where the subscription changed so. */
  readonly news?: SubscriptionNews
  /** Only for a site in its trial. */
  readonly inTrial?: boolean
}

const paying = ['SiteBillingChanged', 'SitePlanChanged', 'SiteResumed', 'SiteOperationBegun'] as const
const claiming = ['SiteClaimed', 'PreparedSiteClaimed', 'SiteRequested'] as const

const account = (summary: string, from: EventType, ...names: readonly Field[]): Kind => {
  return { summary, about: 'account', from: [from], fields: names }
}
const site = (summary: string, from: readonly EventType[], ...names: readonly Field[]): Kind => {
  return { summary, about: 'site', from, fields: names }
}
const subscription = (news: SubscriptionNews, summary: string, ...also: readonly EventType[]): Kind => {
  return { ...site(summary, [...paying, ...also], 'previousPlan', 'interval', 'currency', 'paidThrough'), news }
}

/** The catalogue. Add a type here: subscriptions, filters, the API description and docs follow from it. */
export const webhookCatalogue = {
  'account.created': account('Somebody signed up and has an account.', 'AccountOpened'),
  'account.closed': account('An owner asked to delete the account. It is erased later.', 'AccountClosed'),
  'account.reopened': account('An owner cancelled the deletion of the account.', 'AccountReopened'),
  'person.erased': account(
    'The person of an account is erased. Erase what you keep of them; the account has no address any more.',
    'AccountErased',
  ),
  'consent.given': account('An owner agreed to marketing after the sign-up.', 'MarketingConsentGiven'),
  'consent.withdrawn': account(
    'An owner withdrew the consent to marketing. Send them no more mailings.',
    'MarketingConsentWithdrawn',
  ),
  'lead.stage-changed': account('A lead reached another stage.', 'LeadStageChanged', 'stage', 'previousStage', 'score'),
  'contact.requested': account('An owner asked for sales.', 'ContactRequested', 'siteId', 'topic'),
  'site.created': site(
    'An account got a site. Its trial begins if the plan is `trial` or begins with `trial-`.',
    claiming,
  ),
  'site.failed': site('A new site could not be built.', ['SiteFailed']),
  'site.suspended': site('A site was suspended. Its data is kept.', ['SiteSuspended'], 'because'),
  'site.resumed': site('A suspended site runs again.', ['SiteResumed'], 'trialEndsAt'),
  'site.archived': site('A site was moved to an archive.', ['SiteArchived']),
  'site.restored': site('A site was restored from its archive.', ['SiteRestored']),
  'site.purged': site('A site and its data were deleted.', ['SitePurged'], 'because'),
  'site.plan-changed': site('A site has another plan.', ['SitePlanChanged'], 'previousPlan'),
  'trial.ending': {
    ...site('A trial ends soon: its owner was reminded.', ['SiteReminded'], 'daysBefore'),
    inTrial: true,
  },
  'trial.extended': site('A trial was extended.', ['TrialExtended'], 'trialEndsAt'),
  'subscription.started': subscription('started', 'An owner pays for a site.'),
  'subscription.past-due': subscription('overdue', 'A payment failed.'),
  'subscription.recovered': subscription('recovered', 'A failed payment was made, or a pause has ended.'),
  'subscription.cancelled': subscription('cancelled', 'A subscription ends with its present period.'),
  'subscription.reactivated': subscription('reactivated', 'A cancellation was taken back before it took effect.'),
  'subscription.ended': subscription(
    'ended',
    'A subscription has ended or is paused, or its site was deleted.',
    'SitePurged',
  ),
}

export type WebhookType = keyof typeof webhookCatalogue
const isWebhookType = (text: string): text is WebhookType => Object.hasOwn(webhookCatalogue, text)
export const webhookTypes: readonly WebhookType[] = Object.keys(webhookCatalogue).filter(isWebhookType)
export const webhookTypeSchema = z.enum(webhookTypes)

const kinds: readonly (readonly [WebhookType, Kind])[] = webhookTypes.map((type) => [type, webhookCatalogue[type]])

/** The domain events of one kind of aggregate that become webhooks. */
export const webhookSources = (about: Kind['about']): readonly EventType[] => [
  ...new Set(kinds.flatMap(([, kind]) => (kind.about === about ? kind.from : []))),
]

/** A webhook as it is stored: without personal data, which is read when it is sent. */
export const webhookMessageSchema = z.strictObject({
  /** The `webhook-id`: the same for every attempt and every endpoint. */
  id: idSchema('msg'),
  type: z.string(),
  at: instant,
  accountId: idSchema('acct'),
  site: z.strictObject({ id: idSchema('site'), status: z.string(), plan: z.string() }).optional(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type WebhookMessage = z.infer<typeof webhookMessageSchema>

const detailsOf = (data: object, names: readonly Field[] = []): WebhookMessage['details'] =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value: unknown = Reflect.get(data, name)
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : []
    }),
  )

const subscriptionOf = ({
  type,
  data,
}: DomainEvent): { billing?: SiteBilling; news?: SubscriptionNews | undefined } => {
  if (type === 'SitePurged') return data.previousBilling ? { billing: data.previousBilling, news: 'ended' } : {}
  if (!('billing' in data) || data.billing === undefined) return {}
  return { billing: data.billing, news: subscriptionNews(data.billing, data.previousBilling) }
}

/** The webhooks of a domain event; none for a site of the pool. An event of another aggregate names its account in `accountId`. */
export const webhooksOf = (event: DomainEvent): readonly WebhookMessage[] => {
  const { data } = event
  const accountId = accountOf(event)
  if (accountId === undefined) return []
  const { billing, news } = subscriptionOf(event)
  const all = { ...data, ...billing }
  return kinds
    .filter(([, kind]) => kind.from.includes(event.type) && (kind.news === undefined || kind.news === news))
    .filter(([, kind]) => kind.inTrial === undefined || (isSiteEvent(event) && isTrialPlan(event.data.plan)))
    .map(([type, kind]) => ({
      id: messageIdOf('webhook', event.id, type),
      type,
      at: event.at,
      accountId,
      ...(isSiteEvent(event)
        ? { site: { id: event.aggregate.id, status: event.data.status, plan: event.data.plan } }
        : {}),
      details: detailsOf(all, kind.fields),
    }))
}

// Not strict: receivers must accept fields that they do not know (docs/webhooks.md).
const accountForm = z.object({
  id: idSchema('acct'),
  email: z.string().nullable().describe('The address of its owner when this was sent; null once erased.'),
  marketingConsent: z.boolean().describe('Whether the owner agreed to marketing.'),
})
const siteForm = z.object({
  id: idSchema('site'),
  name: z.string().nullable().describe('Null once the site is purged.'),
  url: z.url().nullable(),
  status: z.string(),
  plan: z.string(),
})

export const webhookBodySchema = (type: WebhookType) => {
  const kind = webhookCatalogue[type]
  const own = Object.fromEntries((kind.fields ?? []).map((name) => [name, fields[name].optional()]))
  return z.object({
    type: z.literal(type),
    timestamp: instant.describe('When it happened. Sort by it: webhooks may arrive in another order.'),
    data: z.object({ account: accountForm, ...(kind.about === 'site' ? { site: siteForm } : {}), ...own }),
  })
}

const headers = z.object({
  'webhook-id': z.string().describe('The same for every attempt: ignore one that you know.'),
  'webhook-timestamp': z.string().describe('The seconds since 1970 of this attempt.'),
  'webhook-signature': z.string().describe('One signature or, while a secret is rotated, two: `v1,…`.'),
})

export const webhookDescriptions = () =>
  Object.fromEntries(
    webhookTypes.map((type) => [
      type,
      {
        post: {
          operationId: type,
          summary: webhookCatalogue[type].summary,
          requestParams: { header: headers },
          requestBody: { required: true, content: { 'application/json': { schema: webhookBodySchema(type) } } },
          responses: {
            '2XX': { description: 'Accepted. Any other answer, or none within 10 seconds, is retried for three days.' },
            '410': { description: 'Not wanted any more: the endpoint is disabled.' },
          },
        },
      },
    ]),
  )
