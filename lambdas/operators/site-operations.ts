import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { forOperators } from '../_runtime/operation.ts'
import { durationForm, line, pageQuery, siteParams } from '../http/input-forms.ts'

const everybody = ['support', 'sales', 'admin'] as const
const support = ['support', 'admin'] as const
const admin = ['admin'] as const
const sales = ['sales', 'admin'] as const

const reason = line(500).meta({ description: 'The reason, for the history of the site. Do not include personal data.' })

const always = ['NotFound', 'TransitionNotAllowed', 'VersionConflict'] as const

const act = { params: siteParams, body: z.strictObject({ reason }) } as const

/** What operators see of one site, and do to it. */
export const operatorSiteOperations = forOperators({
  operatorListSites: {
    get: '/v1/operator/sites',
    roles: everybody,
    summary: 'List sites, newest first; with dueBefore, by deadline, earliest first.',
    description: [
      'One index answers each list: `status` (or all sites) by creation, `dueBefore` or `sort=deadline` by deadline, both in both orders,',
      '`owner` newest first, `slug` by name, `words` by one of the words, `id` and `hostname` exactly. `status` also filters lists by deadline, and',
      '`status`, `plan`, and `dueBefore` filter what `id`, `hostname` and `owner` find, `status` and `plan` what `words` find. `owned` filters every list.',
      'Other combinations are refused, because they would read all sites.',
    ].join(' '),
    query: z.strictObject({
      id: z.string().max(100).optional(),
      hostname: z.string().max(255).optional(),
      owner: emailSchema.optional().meta({ description: 'The e-mail address of the owner.' }),
      slug: z.string().min(1).max(63).optional().meta({ description: 'What the slug begins with.' }),
      words: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .meta({
          description: 'Words of the name, the slug or the custom domain, or their beginnings; all must match.',
        }),
      owned: z.enum(['true']).optional().meta({ description: 'Leaves out the pool.' }),
      status: z.enum(['building', 'ready', 'active', 'asleep', 'failed', 'suspended', 'archived', 'purged']).optional(),
      plan: z.string().max(64).optional(),
      dueBefore: z.iso.datetime({ offset: true }).optional(),
      sort: z.enum(['created', 'deadline']).optional(),
      order: z.enum(['ascending', 'descending']).optional(),
      ...pageQuery,
    }),
  },
  operatorGetSite: {
    get: '/v1/operator/sites/{id}',
    roles: everybody,
    summary: 'Get a site of any owner.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorListEvents: {
    get: '/v1/operator/sites/{id}/events',
    roles: everybody,
    summary: 'List the history of a site, newest first.',
    params: siteParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  operatorListFailures: {
    get: '/v1/operator/sites/{id}/failures',
    roles: support,
    summary: 'List the last failed starts of a site, newest first: cause, exit codes, health answer, output.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorExtend: {
    ...act,
    post: '/v1/operator/sites/{id}/extend',
    roles: everybody,
    summary: 'Extend a trial from now or its end, whichever is later. It does not resume the site.',
    body: z.strictObject({ by: durationForm, reason }),
    errors: always,
  },
  operatorSuspend: {
    ...act,
    post: '/v1/operator/sites/{id}/suspend',
    roles: support,
    summary: 'Suspend a site and keep its data. Its owner cannot resume it.',
    errors: always,
  },
  operatorResume: {
    ...act,
    post: '/v1/operator/sites/{id}/resume',
    roles: support,
    summary: 'Resume a site, from its archive if necessary. Extend an ended trial first.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorRestore: {
    ...act,
    post: '/v1/operator/sites/{id}/restore',
    roles: support,
    summary: 'Restore an archived site. Extend an ended trial first.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorHandOver: {
    ...act,
    post: '/v1/operator/sites/{id}/hand-over',
    roles: support,
    summary: 'Try a failed hand-over again: the product of the site is told who its owner is.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorHold: {
    ...act,
    post: '/v1/operator/sites/{id}/hold',
    roles: support,
    summary: 'Put a hold on a site: deadlines neither archive nor purge it.',
    errors: always,
  },
  operatorUnhold: {
    ...act,
    post: '/v1/operator/sites/{id}/unhold',
    roles: support,
    summary: 'End a hold. The deadlines apply again.',
    errors: always,
  },
  operatorPurge: {
    ...act,
    post: '/v1/operator/sites/{id}/purge',
    roles: admin,
    summary: 'Purge a suspended or archived site. A second operator must confirm within 24 hours.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorChangePlan: {
    ...act,
    post: '/v1/operator/sites/{id}/plan',
    roles: sales,
    summary: 'Change the plan of a site by agreement.',
    body: z.strictObject({ plan: z.string().max(64), reason }),
    errors: always,
  },
})
