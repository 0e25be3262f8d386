import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import type { OperatorRole } from '../../core/events/actor.ts'
import { admin, everybody, forOperators, sales, support } from '../_runtime/operation.ts'
import { durationForm, line, pageQuery, siteParams } from '../http/input-forms.ts'

const reason = line(500).describe('The reason, for the history of the site. Do not include personal data.')

const reasonForm = z.strictObject({ reason })

const act = <const Roles extends readonly OperatorRole[]>(name: string, roles: Roles, summary: string) => ({
  post: `/v1/operator/sites/{id}/${name}`,
  roles,
  summary,
  params: siteParams,
  body: reasonForm,
  errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'] as const,
})

const actWhenIdle = (name: string, roles: typeof support | typeof admin, summary: string) => {
  const { errors, ...common } = act(name, roles, summary)
  return { ...common, errors: [...errors, 'OperationInProgress'] as const }
}

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
      owner: emailSchema.optional().describe('The e-mail address of the owner.'),
      slug: z.string().min(1).max(63).optional().describe('What the slug begins with.'),
      words: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe('Words of the name, the slug or the custom domain, or their beginnings; all must match.'),
      owned: z.enum(['true']).optional().describe('Leaves out the pool.'),
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
    ...act('extend', everybody, 'Extend a trial from now or its end, whichever is later. It does not resume the site.'),
    body: z.strictObject({ by: durationForm, reason }),
  },
  operatorSuspend: act('suspend', support, 'Suspend a site and keep its data. Its owner cannot resume it.'),
  operatorResume: actWhenIdle(
    'resume',
    support,
    'Resume a site, from its archive if necessary. Extend an ended trial first.',
  ),
  operatorRestore: actWhenIdle('restore', support, 'Restore an archived site. Extend an ended trial first.'),
  operatorHandOver: actWhenIdle(
    'hand-over',
    support,
    'Try a failed hand-over again: the product of the site is told who its owner is.',
  ),
  operatorHold: act('hold', support, 'Put a hold on a site: deadlines neither archive nor purge it.'),
  operatorUnhold: act('unhold', support, 'End a hold. The deadlines apply again.'),
  operatorPurge: actWhenIdle(
    'purge',
    admin,
    'Purge a suspended or archived site. A second operator must confirm within 24 hours.',
  ),
  operatorChangePlan: {
    ...act('plan', sales, 'Change the plan of a site by agreement.'),
    body: z.strictObject({ plan: z.string().max(64), reason }),
  },
})
