import * as z from 'zod'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { extensionSchema } from '../../core/blueprint/extension.ts'
import { emailSchema } from '../../core/email.ts'
import { operationsFor } from '../_runtime/operation.ts'
import { durationForm, line, pageQuery, siteParams } from '../http/input-forms.ts'

const { get, post, put } = operationsFor({ audience: 'operator' })

const everybody = ['support', 'sales', 'admin'] as const
const support = ['support', 'admin'] as const
const admin = ['admin'] as const

const controlReason = line(500).meta({ description: 'The reason, for the history. Do not include personal data.' })
const version = z.int().positive()

const sales = ['sales', 'admin'] as const

const reason = line(500).meta({ description: 'The reason, for the history of the site. Do not include personal data.' })

const always = ['NotFound', 'TransitionNotAllowed', 'VersionConflict'] as const

const act = { ...post, params: siteParams, body: z.strictObject({ reason }) } as const

const auditQuery = {
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional().meta({ description: 'The end, which is not included.' }),
  who: z.string().max(100).optional().meta({ description: 'The id of a person or an operator.' }),
  target: z.string().max(100).optional().meta({ description: 'The id of a site, an account or a person.' }),
  action: z
    .string()
    .max(100)
    .optional()
    .meta({ description: 'An operation of this API, `signIn`, `signOut` or `refused`.' }),
  only: z
    .enum(['changes'])
    .optional()
    .meta({ description: 'Leaves out what was only read, and who signed in or out.' }),
}

/** All operations of operators: the only table of roles. */
export const operatorOperations = {
  operatorListSites: {
    ...get,
    id: 'operatorListSites',
    path: '/v1/operator/sites',
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
      words: z.string().min(1).max(200).optional().meta({
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
    errors: [],
  },
  operatorGetSite: {
    ...get,
    id: 'operatorGetSite',
    path: '/v1/operator/sites/{id}',
    roles: everybody,
    summary: 'Get a site of any owner.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorListEvents: {
    ...get,
    id: 'operatorListEvents',
    path: '/v1/operator/sites/{id}/events',
    roles: everybody,
    summary: 'List the history of a site, newest first.',
    params: siteParams,
    query: z.strictObject(pageQuery),
    errors: ['NotFound'],
  },
  operatorListFailures: {
    ...get,
    id: 'operatorListFailures',
    path: '/v1/operator/sites/{id}/failures',
    roles: support,
    summary: 'List the last failed starts of a site, newest first: cause, exit codes, health answer, output.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorExtend: {
    ...act,
    id: 'operatorExtend',
    path: '/v1/operator/sites/{id}/extend',
    roles: everybody,
    summary: 'Extend a trial from now or its end, whichever is later. It does not resume the site.',
    body: z.strictObject({ by: durationForm, reason }),
    errors: always,
  },
  operatorSuspend: {
    ...act,
    id: 'operatorSuspend',
    path: '/v1/operator/sites/{id}/suspend',
    roles: support,
    summary: 'Suspend a site and keep its data. Its owner cannot resume it.',
    errors: always,
  },
  operatorResume: {
    ...act,
    id: 'operatorResume',
    path: '/v1/operator/sites/{id}/resume',
    roles: support,
    summary: 'Resume a site, from its archive if necessary. Extend an ended trial first.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorRestore: {
    ...act,
    id: 'operatorRestore',
    path: '/v1/operator/sites/{id}/restore',
    roles: support,
    summary: 'Restore an archived site. Extend an ended trial first.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorHandOver: {
    ...act,
    id: 'operatorHandOver',
    path: '/v1/operator/sites/{id}/hand-over',
    roles: support,
    summary: 'Try a failed hand-over again: the product of the site is told who its owner is.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorHold: {
    ...act,
    id: 'operatorHold',
    path: '/v1/operator/sites/{id}/hold',
    roles: support,
    summary: 'Put a hold on a site: deadlines neither archive nor purge it.',
    errors: always,
  },
  operatorUnhold: {
    ...act,
    id: 'operatorUnhold',
    path: '/v1/operator/sites/{id}/unhold',
    roles: support,
    summary: 'End a hold. The deadlines apply again.',
    errors: always,
  },
  operatorPurge: {
    ...act,
    id: 'operatorPurge',
    path: '/v1/operator/sites/{id}/purge',
    roles: admin,
    summary: 'Purge a suspended or archived site. A second operator must confirm within 24 hours.',
    errors: [...always, 'OperationInProgress'],
  },
  operatorChangePlan: {
    ...act,
    id: 'operatorChangePlan',
    path: '/v1/operator/sites/{id}/plan',
    roles: sales,
    summary: 'Change the plan of a site by agreement.',
    body: z.strictObject({ plan: z.string().max(64), reason }),
    errors: always,
  },
  operatorGetBrake: {
    ...get,
    id: 'operatorGetBrake',
    path: '/v1/operator/brake',
    roles: everybody,
    summary: 'Get the brake, the number of due endings and their rate limit.',
    errors: [],
  },
  operatorReleaseBrake: {
    ...post,
    id: 'operatorReleaseBrake',
    path: '/v1/operator/brake/release',
    roles: admin,
    summary: 'Release the brake. All endings that are due now count as expected.',
    body: z.strictObject({ reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorPullBrake: {
    ...post,
    id: 'operatorPullBrake',
    path: '/v1/operator/brake/pull',
    roles: support,
    summary: "Pull the brake: stop all endings by deadline. Notices and owners' deletions continue.",
    body: z.strictObject({ reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorGetTrials: {
    ...get,
    id: 'operatorGetTrials',
    path: '/v1/operator/trials',
    roles: everybody,
    summary: 'Get the number of trials, their limit and the length of the waiting list.',
    errors: [],
  },
  operatorSetTrials: {
    ...put,
    id: 'operatorSetTrials',
    path: '/v1/operator/trials',
    roles: support,
    summary: 'Pause or resume new trials. While paused, new requests go to the waiting list.',
    body: z.strictObject({ paused: z.boolean(), reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorGetBilling: {
    ...get,
    id: 'operatorGetBilling',
    path: '/v1/operator/billing',
    roles: everybody,
    summary: 'Latest billing reconciliation report.',
    errors: [],
  },
  operatorReconcileBilling: {
    ...post,
    id: 'operatorReconcileBilling',
    path: '/v1/operator/billing/reconcile',
    roles: support,
    summary: 'Start a billing reconciliation. It repairs differences; concurrent requests share one run.',
    body: z.strictObject({ reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorMovePolicy: {
    ...post,
    id: 'operatorMovePolicy',
    path: '/v1/operator/policies/move',
    roles: admin,
    summary: 'Move one page of sites to another version of the trial policy, or preview the changes.',
    body: z.strictObject({
      from: version,
      to: version,
      dryRun: z.boolean(),
      reason: controlReason,
      cursor: z.string().max(2000).optional(),
    }),
    errors: ['VersionConflict'],
  },
  operatorListBlueprints: {
    ...get,
    id: 'operatorListBlueprints',
    path: '/v1/operator/blueprints',
    roles: support,
    summary: 'List the blueprints: current and newest version, draft, why one is unavailable, pool, what it extends.',
    errors: [],
  },
  operatorListVersions: {
    ...get,
    id: 'operatorListVersions',
    path: '/v1/operator/blueprint-versions',
    roles: sales,
    summary: 'List the names and published versions of all blueprints, and the plans that each version is for.',
    errors: [],
  },
  operatorGetBlueprint: {
    ...get,
    id: 'operatorGetBlueprint',
    path: '/v1/operator/blueprints/{name}/versions/{version}',
    roles: support,
    summary: 'Get a published version of a blueprint.',
    params: z.object({ name: z.string().max(31), version: z.coerce.number().int().positive() }),
    errors: ['NotFound'],
  },
  operatorPublishBlueprint: {
    ...post,
    id: 'operatorPublishBlueprint',
    path: '/v1/operator/blueprints',
    roles: admin,
    summary: 'Make a blueprint the draft of its next version. A site is built from it within a minute or two.',
    description:
      'An extension is resolved against the published version that it names, and stored as an ordinary blueprint.',
    body: z
      .strictObject({
        blueprint: blueprintSchema.optional(),
        extension: extensionSchema.optional(),
        reason: controlReason,
      })
      .refine(({ blueprint, extension }) => (blueprint === undefined) !== (extension === undefined), {
        path: ['blueprint'],
        error: 'give either a blueprint or an extension',
      }),
    errors: ['BlueprintInvalid', 'VersionConflict'],
  },
  operatorListAudit: {
    ...get,
    id: 'operatorListAudit',
    path: '/v1/operator/audit',
    roles: admin,
    summary: 'List the audit log, newest first.',
    query: z.strictObject({ ...auditQuery, ...pageQuery }),
    errors: [],
  },
  operatorExportAudit: {
    ...get,
    id: 'operatorExportAudit',
    path: '/v1/operator/audit/export',
    roles: admin,
    summary: 'Export the audit log as JSON lines, oldest first.',
    query: z.strictObject({
      ...auditQuery,
      ...pageQuery,
      limit: z.coerce.number().int().min(1).max(1000).default(1000),
    }),
    errors: [],
  },
} as const
