import * as z from 'zod'
import { idSchema } from '../../../core/ids.ts'
import { named } from '../../../core/named.ts'
import { priceSchema } from '../../../core/plan/plan.ts'
import { forAnybody, forOwners } from '../../_runtime/operation.ts'
import { siteParams } from '../../http/input-forms.ts'
import { maxSummaryLinks, summaryDays } from './summary-link.ts'

const path = '/v1/sites/{id}/summary-links'

export const ownerSummaryOperations = forOwners({
  shareSummary: {
    post: path,
    summary:
      'Make a link to a read-only page about a site: use, plan, price, place of its data. The URL is shown once.',
    params: siteParams,
    body: z.strictObject({
      days: z.int().min(1).max(summaryDays.max).default(summaryDays.usual).describe('How long it works.'),
    }),
    errors: ['NotFound', 'TransitionNotAllowed'],
  },
  listSummaryLinks: {
    get: path,
    summary: 'List the links to the read-only page about a site, newest first, without those that have expired.',
    params: siteParams,
    errors: ['NotFound'],
  },
  revokeSummaryLink: {
    delete: `${path}/{linkId}`,
    summary: 'Revoke a link to the read-only page about a site.',
    params: siteParams.extend({ linkId: z.string().max(100) }),
    errors: ['NotFound'],
  },
})

export const publicSummaryOperations = forAnybody({
  openSummary: {
    post: '/v1/site-summaries',
    summary: 'Read what a link of a site shows, by its token. The token is in the body, so that no log contains it.',
    body: z.strictObject({ token: z.string().max(200) }),
    errors: ['NotFound'],
  },
  approveSummary: {
    post: '/v1/site-summaries/approvals',
    summary: 'Approve the site that a link shows. Its owner gets at most one mail in 30 days for each link.',
    body: z.strictObject({ token: z.string().max(200) }),
    errors: ['NotFound', 'RateLimited'],
  },
})

const instant = z.iso.datetime({ precision: 3 })

const linkView = named('SummaryLink', { id: idSchema('lnk'), createdAt: instant, expiresAt: instant })

/** No personal data: neither people, nor addresses of theirs. */
export const summaryViewSchema = named('SiteSummary', {
  name: z.string(),
  url: z.url(),
  status: z.enum(['active', 'asleep', 'suspended', 'archived']),
  since: instant.describe('Since when the site has its owner.'),
  plan: z.strictObject({
    name: z.string(),
    kind: z.enum(['trial', 'paid', 'enterprise']),
    prices: z.array(priceSchema),
    features: z.array(z.string()),
  }),
  price: priceSchema
    .extend({ plan: z.string() })
    .nullable()
    .describe('What it costs, or from what after the trial; null if that is by agreement.'),
  trialEndsAt: instant.nullable(),
  dataLocation: z.string().nullable().describe('Where its data is; null if the operator does not say.'),
  storage: z.enum(['near', 'full']).nullable().describe('Null while there is enough room.'),
  lastCopyAt: instant
    .nullable()
    .describe('The last verified copy of its data, which its owner can download; null if there is none.'),
  usage: z.strictObject({
    from: instant,
    until: instant,
    lastUsedAt: instant.nullable(),
    requests: z.int(),
    errors: z.int().describe('Answers with a status from 500.'),
    days: z.array(z.strictObject({ start: instant, requests: z.int(), visitors: z.int().nullable() })),
  }),
  contact: z.string(),
  expiresAt: instant.describe('When the link expires.'),
})

export const summaryAnswers = {
  shareSummary: {
    201: { description: `The link. A site has at most ${maxSummaryLinks}.`, schema: linkView.extend({ url: z.url() }) },
  },
  listSummaryLinks: {
    200: { description: 'The links that work.', schema: z.strictObject({ links: z.array(linkView) }) },
  },
  revokeSummaryLink: { 204: { description: 'The link no longer works.' } },
  approveSummary: { 204: { description: 'The owner is told.' } },
  openSummary: { 200: { description: 'The site as the link shows it.', schema: summaryViewSchema } },
} as const
