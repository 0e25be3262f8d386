import * as z from 'zod'
import { supportMinutes } from '../../core/entitlement/viewer.ts'
import { everybody, forOperators, support } from '../_runtime/operation.ts'
import { durationForm, line, pageQuery, siteParams } from '../http/input-forms.ts'

const reason = line(500).describe('The reason, for the audit log. Do not include personal data.')

export const previewedActs = ['extend', 'suspend', 'resume', 'restore', 'hold', 'unhold', 'purge', 'plan'] as const

export const insightOperations = forOperators({
  operatorGetOverview: {
    get: '/v1/operator/overview',
    roles: everybody,
    summary: 'Get the numbers of the installation: sites, days, revenue, pools, deadlines, brake, failures.',
  },
  operatorGetTimeline: {
    get: '/v1/operator/sites/{id}/timeline',
    roles: everybody,
    summary: 'List events, mails, operations, their steps and failures of a site in one form, newest first.',
    description: 'A page has the entries of `limit` events. Mails are known for 30 days. `sales` sees no failures.',
    params: siteParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  operatorGetUsage: {
    get: '/v1/operator/sites/{id}/usage',
    roles: everybody,
    summary: 'Get what visitors did on a site within 30 days, by day. Days are up to an hour behind.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorGetConsequences: {
    get: '/v1/operator/sites/{id}/consequences',
    roles: everybody,
    summary: 'Show what an act would do to a site, or why it is refused. It changes nothing.',
    params: siteParams,
    query: z.strictObject({
      action: z.enum(previewedActs).default('suspend'),
      by: durationForm.optional().describe('For `extend`: an ISO 8601 duration.'),
      plan: z.string().max(64).optional().describe('For `plan`.'),
    }),
    errors: ['NotFound'],
  },
  operatorRetry: {
    post: '/v1/operator/sites/{id}/retry',
    roles: support,
    summary:
      "Retry what failed: build another site for a failed site's owner, wake a site, or give it the size of its plan.",
    params: siteParams,
    body: z.strictObject({ reason }),
    errors: [
      'NotFound',
      'TransitionNotAllowed',
      'OperationInProgress',
      'VersionConflict',
      'TrialAlreadyUsed',
      'HostnameTaken',
      'HostnameNotAllowed',
      'OfferClosed',
      'BlueprintUnavailable',
      'BlueprintUnknown',
    ],
  },
  operatorEnterSite: {
    post: '/v1/operator/sites/{id}/entrance',
    roles: support,
    summary: 'Enter a site as support. Its owner gets a mail and can refuse such entries.',
    params: siteParams,
    body: z.strictObject({
      reason: reason.describe('The reason, for the history and the mail to the owner. Do not include personal data.'),
      minutes: z.int().min(1).max(supportMinutes.max).default(supportMinutes.usual),
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'SupportEntryRefused', 'VersionConflict'],
  },
  operatorListPlans: {
    get: '/v1/operator/plans',
    roles: everybody,
    summary: 'List all plans, including those by agreement.',
  },
  operatorListCells: {
    get: '/v1/operator/cells',
    roles: everybody,
    summary: 'List the cells: their sites, room and quotas, as counted within the last minutes.',
  },
  operatorGetSettings: {
    get: '/v1/operator/settings',
    roles: support,
    summary: 'Get the configuration, without secrets.',
  },
})

/** Apart from the others: its function has the key of Stripe. */
export const siteBillingOperations = forOperators({
  operatorGetSiteBilling: {
    get: '/v1/operator/sites/{id}/billing',
    roles: everybody,
    summary: 'Get the billing of a site by our record and, on demand, by Stripe, with the differences.',
    params: siteParams,
    query: z.strictObject({ stripe: z.enum(['true', 'false']).default('false').describe('Whether to ask Stripe.') }),
    errors: ['NotFound'],
  },
})
