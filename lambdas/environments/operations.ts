import * as z from 'zod'
import { environmentName as variableName, variableValue } from '../../core/blueprint/variables.ts'
import { forOwners } from '../_runtime/operation.ts'
import { contentForm } from '../deployments/operations.ts'
import { line, siteParams } from '../http/input-forms.ts'

const name = z.string().min(1).max(63)
const params = siteParams.extend({ name })

export const environmentOperations = forOwners({
  listEnvironments: {
    get: '/v1/sites/{id}/environments',
    summary: 'List the environments of a site, and how many its plan allows.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed'],
  },
  createEnvironment: {
    post: '/v1/sites/{id}/environments',
    summary: 'Create an environment of a site. Repeating it changes nothing.',
    description:
      'It runs what another environment runs, or a version of its own. It has the plan of its site, and secrets and data of its own. A clone gets data of another environment, as that is or anonymised, and only those of its secrets that the file lists as `dataSecrets`. It is closed to others than its owner, and sleeps when nobody uses it.',
    params: siteParams,
    body: z
      .strictObject({
        name: name.optional(),
        branch: line(255).optional().describe('Derives the name from a branch.'),
        from: name.optional().describe('The environment whose version it runs; `production` by default.'),
        deployment: contentForm
          .optional()
          .describe('What it runs instead. With `anonymised`, it needs the right to deploy to `production`.'),
        data: z
          .enum(['empty', 'seed', 'anonymised', 'copy'])
          .optional()
          .describe(
            "What its data is made of; as its block of the file says by default. Of a vendor's product `copy` alone.",
          ),
        at: z.iso
          .datetime({ precision: 3 })
          .optional()
          .describe('With data of another environment: the newest copy of then or before; otherwise the newest.'),
        fresh: z
          .boolean()
          .default(false)
          .describe('With data of another environment: take a copy first. That environment pauses for it.'),
        reason: line(500)
          .optional()
          .describe(
            "Why production's data is copied without `anonymised`. Only owners may. It is kept in the history.",
          ),
        secrets: z
          .record(variableName, variableValue)
          .default({})
          .describe('Values of the secrets that the file lists as `given`.'),
      })
      .refine((body) => (body.name === undefined) !== (body.branch === undefined), 'must have `name` or `branch`')
      .refine((body) => body.at === undefined || !body.fresh, 'must have `at` or `fresh`, not both')
      .refine(
        (body) => body.from === undefined || body.deployment === undefined,
        'must have `from` or `deployment`, not both',
      ),
    errors: [
      'Forbidden',
      'NotFound',
      'FeatureNotInPlan',
      'LimitsExceeded',
      'BlueprintInvalid',
      'HostnameTaken',
      'TransitionNotAllowed',
      'OperationInProgress',
      'RateLimited',
      'Unavailable',
    ],
  },
  extendEnvironment: {
    post: '/v1/sites/{id}/environments/{name}/extend',
    summary: 'Begin the time of an environment again, or give it another one.',
    params,
    body: z.strictObject({
      expires: z
        .string()
        .regex(/^[1-9]\d{0,3}[dh]$/, 'must be days such as 7d, or hours such as 12h')
        .optional()
        .describe('From now; as long as before by default.'),
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'LimitsExceeded', 'VersionConflict'],
  },
  deleteEnvironment: {
    delete: '/v1/sites/{id}/environments/{name}',
    summary:
      'Delete an environment. It stops now and frees its place of the plan. Its data is purged some days later unless you restore it.',
    params,
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  restoreEnvironment: {
    post: '/v1/sites/{id}/environments/{name}/restore',
    summary: 'Revoke the deletion of an environment, and start it with its data. It takes a place of the plan again.',
    params,
    errors: ['NotFound', 'LimitsExceeded', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
})
