import * as z from 'zod'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { extensionSchema } from '../../core/blueprint/extension.ts'
import { admin, everybody, forOperators, support } from '../_runtime/operation.ts'
import { line, pageQuery } from '../http/input-forms.ts'

const controlReason = line(500).describe('The reason, for the history. Do not include personal data.')
const version = z.int().positive()

const auditQuery = {
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional().describe('The end, which is not included.'),
  who: z.string().max(100).optional().describe('The id of a person or an operator.'),
  target: z.string().max(100).optional().describe('The id of a site, an account or a person.'),
  action: z.string().max(100).optional().describe('An operation of this API, `signIn`, `signOut` or `refused`.'),
  only: z.enum(['changes']).optional().describe('Leaves out what was only read, and who signed in or out.'),
}

/** What operators do to the installation, apart from its sites. */
export const operatorOperations = forOperators({
  operatorGetBrake: {
    get: '/v1/operator/brake',
    roles: everybody,
    summary: 'Get the brake, the number of due endings and their rate limit.',
  },
  operatorReleaseBrake: {
    post: '/v1/operator/brake/release',
    roles: admin,
    summary: 'Release the brake. All endings that are due now count as expected.',
    body: z.strictObject({ reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorPullBrake: {
    post: '/v1/operator/brake/pull',
    roles: support,
    summary: "Pull the brake: stop all endings by deadline. Notices and owners' deletions continue.",
    body: z.strictObject({ reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorGetTrials: {
    get: '/v1/operator/trials',
    roles: everybody,
    summary: 'Get the number of trials, their limit and the length of the waiting list.',
  },
  operatorSetTrials: {
    put: '/v1/operator/trials',
    roles: support,
    summary: 'Pause or resume new trials. While paused, new requests go to the waiting list.',
    body: z.strictObject({ paused: z.boolean(), reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorGetBilling: {
    get: '/v1/operator/billing',
    roles: everybody,
    summary: 'Latest billing reconciliation report.',
  },
  operatorReconcileBilling: {
    post: '/v1/operator/billing/reconcile',
    roles: support,
    summary: 'Start a billing reconciliation. It repairs differences; concurrent requests share one run.',
    body: z.strictObject({ reason: controlReason }),
    errors: ['VersionConflict'],
  },
  operatorMovePolicy: {
    post: '/v1/operator/policies/move',
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
    get: '/v1/operator/blueprints',
    roles: support,
    summary: 'List the blueprints: current and newest version, draft, why one is unavailable, pool, what it extends.',
  },
  operatorListVersions: {
    get: '/v1/operator/blueprint-versions',
    roles: ['sales', 'admin'],
    summary: 'List the names and published versions of all blueprints, and the plans that each version is for.',
  },
  operatorGetBlueprint: {
    get: '/v1/operator/blueprints/{name}/versions/{version}',
    roles: support,
    summary: 'Get a published version of a blueprint.',
    params: z.object({ name: z.string().max(31), version: z.coerce.number().int().positive() }),
    errors: ['NotFound'],
  },
  operatorPublishBlueprint: {
    post: '/v1/operator/blueprints',
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
    get: '/v1/operator/audit',
    roles: admin,
    summary: 'List the audit log, newest first.',
    query: z.strictObject({ ...auditQuery, ...pageQuery }),
  },
  operatorExportAudit: {
    get: '/v1/operator/audit/export',
    roles: admin,
    summary: 'Export the audit log as JSON lines, oldest first.',
    query: z.strictObject({
      ...auditQuery,
      ...pageQuery,
      limit: z.coerce.number().int().min(1).max(1000).default(1000),
    }),
  },
})
