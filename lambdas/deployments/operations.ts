import * as z from 'zod'
import { forOperators, forOwners } from '../_runtime/operation.ts'
import { newValues } from '../configuration/operations.ts'
import { idempotencyHeaders, line, siteParams } from '../http/input-forms.ts'
import { maxAllowedSites } from './allowance.ts'
import { digestSchema, snapshotSchema } from './deployment.ts'
import { explainOperations } from './explain-operations.ts'
import { importForm } from './import.ts'
import { leavingOperations } from './leaving-operations.ts'

/** What a version is made of. */
export const contentForm = z.strictObject({
  file: z.record(z.string(), z.unknown()).describe('The file `sitewright.yaml`, as JSON.'),
  images: z
    .record(z.string().max(31), digestSchema)
    .default({})
    .describe('The digests of the images that you pushed, by container.'),
  snapshot: snapshotSchema
    .optional()
    .describe('Where sites run as plain processes: what a command on the machine itself put into its home.'),
  commit: line(100).optional().describe('The commit that it was built from.'),
})

const deploymentErrors = [
  'Forbidden',
  'NotFound',
  'BlueprintInvalid',
  'LimitsExceeded',
  'TransitionNotAllowed',
  'IdempotencyKeyReused',
  'VersionConflict',
  'Unavailable',
] as const

export const deploymentOperations = {
  ...forOwners({
    createDeployment: {
      post: '/v1/sites/{id}/deployments',
      summary: 'Deploy a version of your own software. Needs an allowance of your account.',
      description: 'It waits for other operations on the site. If it does not work, the site goes back by itself.',
      params: siteParams,
      headers: idempotencyHeaders,
      body: contentForm.extend({
        import: importForm
          .optional()
          .describe('Data and values that it starts with. Only for a site that has no version of your own yet.'),
      }),
      errors: deploymentErrors,
    },
    promoteDeployment: {
      post: '/v1/sites/{id}/deployments/promote',
      summary: 'Deploy what another environment of the same site runs, with the variables of this one.',
      params: siteParams,
      headers: idempotencyHeaders,
      body: z.strictObject({ from: z.string().max(63).describe('The name of the environment, or `production`.') }),
      errors: deploymentErrors,
    },
    rollBackDeployment: {
      post: '/v1/sites/{id}/deployments/rollback',
      summary: 'Deploy the version before the present one again, with the variables that it had.',
      description:
        'It is refused where that version may not be able to use the present data. With `data` the data from before comes back too; the present data becomes a copy.',
      params: siteParams,
      headers: idempotencyHeaders,
      body: z.strictObject({ data: z.boolean().default(false) }),
      errors: deploymentErrors,
    },
    listDeployments: {
      get: '/v1/sites/{id}/deployments',
      summary: 'List the newest deployments of a site, newest first.',
      params: siteParams,
      errors: ['NotFound'],
    },
    getDeployment: {
      get: '/v1/sites/{id}/deployments/{deploymentId}',
      summary: 'Get a deployment: whether it is live, and otherwise why not.',
      params: siteParams.extend({ deploymentId: z.string().max(100) }),
      errors: ['NotFound'],
    },
    openPush: {
      post: '/v1/sites/{id}/deployments/push',
      summary: 'Get credentials to push images to the repository of a site. They reach no other one.',
      params: siteParams,
      query: z.strictObject({
        environment: z
          .string()
          .max(63)
          .optional()
          .describe(
            'The environment that is to be made with it. Without it, who may not deploy to the site is refused.',
          ),
      }),
      errors: ['Forbidden', 'NotFound', 'TransitionNotAllowed', 'NoRegistry', 'Unavailable'],
    },
    getConfiguration: {
      get: '/v1/sites/{id}/configuration',
      summary: 'Get the variables of a site of your own software, and which secrets are set. No secret is shown.',
      params: siteParams,
      errors: ['Forbidden', 'NotFound'],
    },
    changeConfiguration: {
      post: '/v1/sites/{id}/configuration',
      summary: 'Set variables and secrets of a site of your own software, and restart it with them.',
      description:
        'Variables that its file does not declare reach all containers, and no plain process. If the site does not become healthy with the values, it goes back to those before.',
      params: siteParams,
      body: z.strictObject({ variables: newValues, secrets: newValues }),
      errors: [
        'Forbidden',
        'NotFound',
        'TransitionNotAllowed',
        'OperationInProgress',
        'RateLimited',
        'VersionConflict',
      ],
    },
  }),
  ...explainOperations,
  exportSite: leavingOperations.exportSite,
  openImport: leavingOperations.openImport,
}

export const allowanceOperations = forOperators({
  operatorChangeAllowance: {
    put: '/v1/operator/accounts/{id}/allowance',
    roles: ['sales', 'admin'],
    summary: 'Let an account run software of its own, on so many sites, or no longer.',
    params: z.object({ id: z.string().max(100) }),
    body: z.strictObject({
      plan: z.string().max(64).describe('A plan by agreement: its sites have it.'),
      sites: z
        .int()
        .min(0)
        .max(maxAllowedSites)
        .describe('How many sites. With 0 nothing new runs, and the sites that there are keep running.'),
      reason: line(500).describe('The reason, for the history. Do not include personal data.'),
    }),
    errors: ['NotFound', 'VersionConflict'],
  },
})
