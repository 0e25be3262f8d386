import * as z from 'zod'
import { forOwners } from '../../_runtime/operation.ts'
import { leavingAnswers, leavingOperations } from '../../deployments/leaving-operations.ts'
import { idempotencyHeaders, siteParams } from '../../http/input-forms.ts'

/** The generated credentials of a site, and the secrets that its data depends on. */
export const credentialsOperations = {
  ...forOwners({
    revealCredentials: {
      post: '/v1/sites/{id}/credentials',
      summary: 'Show the generated credentials of a site. They are shown once.',
      params: siteParams,
      headers: idempotencyHeaders,
      errors: ['NotFound', 'TransitionNotAllowed', 'IdempotencyKeyReused', 'VersionConflict'],
    },
  }),
  revealDataSecrets: leavingOperations.revealDataSecrets,
} as const

export const credentialsAnswers = {
  revealCredentials: {
    200: {
      description: 'The credentials. They are not shown again.',
      schema: z.strictObject({
        credentials: z.array(z.strictObject({ label: z.string(), user: z.string().nullable(), value: z.string() })),
      }),
    },
  },
  revealDataSecrets: leavingAnswers.revealDataSecrets,
}
