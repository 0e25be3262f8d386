import * as z from 'zod'
import { rehearsalTargetSchema } from '../../core/site/rehearsal.ts'
import { forOperators, forOwners } from '../_runtime/operation.ts'
import { line, siteParams } from '../http/input-forms.ts'

const sales = ['sales', 'admin'] as const

/** Operators see what a rehearsal has shown. They do not enter it. */
export const operatorRehearsalOperations = forOperators({
  operatorGetRehearsal: {
    get: '/v1/operator/sites/{id}/rehearsal',
    roles: sales,
    summary: 'Get the present or last rehearsal of a site: its result, and how long each step took.',
    params: siteParams,
    errors: ['NotFound'],
  },
  operatorRehearse: {
    post: '/v1/operator/sites/{id}/rehearsal',
    roles: sales,
    summary: 'Build a rehearsal of a site from its newest archive. It ends the one before, and after seven days.',
    description:
      'If the newest archive is older than a day, a copy of the site comes first, for which the site pauses. What the target leaves out is as in the site.',
    params: siteParams,
    body: z.strictObject({
      target: rehearsalTargetSchema,
      reason: line(500).describe('The reason, for the history of the site. Do not include personal data.'),
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'Unavailable', 'VersionConflict'],
  },
})

export const ownerRehearsalOperations = forOwners({
  getRehearsal: {
    get: '/v1/sites/{id}/rehearsal',
    summary: 'Get the present or last rehearsal of a site: a copy with planned changes, for its owner to try.',
    params: siteParams,
    errors: ['NotFound'],
  },
  enterRehearsal: {
    post: '/v1/sites/{id}/rehearsal/entrance',
    summary:
      'Get a URL that lets you into the rehearsal of a site, with the role that you have on the site. It works once, within a minute.',
    description:
      'The id is that of the site, or that of the rehearsal itself: its site may be in another installation.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed'],
  },
})
