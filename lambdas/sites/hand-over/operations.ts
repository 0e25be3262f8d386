import { takesNothing } from '../../_runtime/operation.ts'
import { idempotencyHeaders, siteParams } from '../../http/input-forms.ts'

/** The generated credentials of a site. */
export const credentialsOperations = {
  revealCredentials: {
    ...takesNothing,
    method: 'POST',
    audience: 'owner',
    id: 'revealCredentials',
    path: '/v1/sites/{id}/credentials',
    summary: 'Show the generated credentials of a site. They are shown once.',
    params: siteParams,
    headers: idempotencyHeaders,
    errors: ['NotFound', 'TransitionNotAllowed', 'IdempotencyKeyReused', 'VersionConflict'],
  },
} as const
