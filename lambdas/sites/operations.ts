import * as z from 'zod'
import { sleepMinutesSchema } from '../../core/plan/plan.ts'
import { forOwners } from '../_runtime/operation.ts'
import { accountOperations } from '../accounts/operations.ts'
import { sessionOperations } from '../accounts/session/operations.ts'
import { billingOperations } from '../billing/operations.ts'
import { domainOperations } from '../domains/operations.ts'
import { idempotencyHeaders, line, pageQuery, siteParams } from '../http/input-forms.ts'
import { ownerLeadOperations } from '../leads/operations.ts'
import { ownerRehearsalOperations } from '../rehearsals/operations.ts'
import { ownerRelocationOperations } from '../relocations/operations.ts'
import { usagePeriods } from '../reports/usage/usage.ts'
import { ownerSummaryOperations } from './summary/operations.ts'

const copyErrors = [
  'NotFound',
  'TransitionNotAllowed',
  'OperationInProgress',
  'IdempotencyKeyReused',
  'RateLimited',
  'VersionConflict',
] as const

const siteOperations = forOwners({
  createSite: {
    post: '/v1/sites',
    summary: 'Create the trial site of the account, or a site for software of its own.',
    headers: idempotencyHeaders,
    body: z.strictObject({
      slug: z.string().max(255),
      name: line(100).optional(),
      blueprint: z.string().max(64).optional(),
      offer: z
        .string()
        .max(31)
        .optional()
        .describe(
          'The trial is one that a sign-in at this offer gives. Default: the offer of the sign-in or, for members and tokens, of the account.',
        ),
      variant: z.string().max(31).optional().describe('The variant of the offer that the person saw.'),
      software: z
        .literal('own')
        .optional()
        .describe('The site is for software of your own, under the allowance of your account.'),
    }),
    errors: [
      'Forbidden',
      'LimitsExceeded',
      'HostnameNotAllowed',
      'HostnameTaken',
      'TrialAlreadyUsed',
      'IdempotencyKeyReused',
      'OfferClosed',
      'WaitingList',
      'Unavailable',
    ],
  },
  listSites: {
    get: '/v1/sites',
    summary: 'List the sites of the account, newest first.',
    query: z.strictObject(pageQuery),
  },
  getSite: { get: '/v1/sites/{id}', summary: 'Get a site of the account.', params: siteParams, errors: ['NotFound'] },
  changeSite: {
    patch: '/v1/sites/{id}',
    summary: 'Rename a site, or set after how many minutes without visitors a site on a paid plan sleeps.',
    params: siteParams,
    body: z
      .strictObject({
        name: line(100).optional(),
        sleepAfterMinutes: sleepMinutesSchema.nullable().optional().describe('Null: the site never sleeps.'),
      })
      .refine((body) => Object.values(body).some((value) => value !== undefined), 'must name what to change'),
    errors: ['RateLimited', 'NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  chooseProtection: {
    put: '/v1/sites/{id}/protection',
    summary: 'Keep the changes of a site to the owners of the account, or let developers and tokens make them again.',
    params: siteParams,
    body: z.strictObject({ ownersOnly: z.boolean() }),
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  deleteSite: {
    delete: '/v1/sites/{id}',
    summary: 'Delete a site. It is suspended now and purged some days later unless you cancel the deletion.',
    params: siteParams,
    body: z.strictObject({ confirm: z.string().max(255).describe('The hostname of the site.') }),
    errors: ['NotFound', 'ConfirmationWrong', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  revokeDeletion: {
    delete: '/v1/sites/{id}/deletion',
    summary: 'Cancel a deletion. A site with a paid subscription is resumed; another one stays suspended or archived.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  extendTrial: {
    post: '/v1/sites/{id}/extend',
    summary: 'Extend the trial from now or its end, whichever is later. It does not resume the site.',
    params: siteParams,
    errors: ['NotFound', 'ExtensionUsed', 'TransitionNotAllowed', 'VersionConflict'],
  },
  resumeSite: {
    post: '/v1/sites/{id}/resume',
    summary: 'Resume a site. If its trial has ended, this uses the extension.',
    params: siteParams,
    errors: ['NotFound', 'PaymentRequired', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  openEntrance: {
    post: '/v1/sites/{id}/entrance',
    summary:
      'Get a URL that lets you into the site: owners as its owner, others as a member. It works once, within a minute.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed'],
  },
  handOverSite: {
    post: '/v1/sites/{id}/hand-over',
    summary: 'Try a failed hand-over again: the product of the site is told who its owner is.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  copySite: {
    post: '/v1/sites/{id}/archives',
    summary: 'Take a verified copy of the data. The site pauses and holds requests during the copy.',
    params: siteParams,
    headers: idempotencyHeaders,
    errors: copyErrors,
  },
  restoreArchive: {
    post: '/v1/sites/{id}/archives/{archiveId}/restore',
    summary:
      'Restore a copy, with the version of the software that it was made with. The present data is copied first.',
    description:
      'Requests wait meanwhile. If the restored site does not answer, the site goes back to the present data.',
    params: siteParams.extend({ archiveId: z.string().max(100) }),
    headers: idempotencyHeaders,
    errors: copyErrors,
  },
  getUsage: {
    get: '/v1/sites/{id}/usage',
    summary:
      'Get what visitors did on a site, by hour or day. Hours are up to five minutes behind, days up to an hour.',
    params: siteParams,
    query: z.strictObject({
      by: z.enum(usagePeriods).default('day'),
      from: z.iso.datetime().optional().describe('By default a day or 30 days before the end.'),
      until: z.iso.datetime().optional().describe('Now by default.'),
    }),
    errors: ['NotFound'],
  },
  getHistory: {
    get: '/v1/sites/{id}/history',
    summary: 'List what happened to a site and concerns its owner, newest first.',
    description: 'A page has what concerns the owner of `limit` events: it may have fewer entries, or none.',
    params: siteParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  listArchives: {
    get: '/v1/sites/{id}/archives',
    summary: 'List the verified copies of the data, newest first.',
    params: siteParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  linkToArchive: {
    get: '/v1/sites/{id}/archives/{archiveId}/download',
    summary: 'Create a download link to a copy. It is valid for a few minutes.',
    params: siteParams.extend({ archiveId: z.string().max(100) }),
    errors: ['NotFound'],
  },
})

export const ownerOperations = {
  ...sessionOperations,
  ...accountOperations,
  ...siteOperations,
  ...ownerSummaryOperations,
  ...billingOperations,
  ...domainOperations,
  ...ownerLeadOperations,
  ...ownerRehearsalOperations,
  ...ownerRelocationOperations,
} as const
