import * as z from 'zod'
import { forOwners } from '../../_runtime/operation.ts'
import { accountHeader } from '../../_runtime/own-headers.ts'

/** An id that may be invalid. It gets the same answer as another person's id. */
export const sessionParams = z.object({ id: z.string().max(100) })

export const sessionOperations = forOwners({
  getSession: { get: '/v1/session', summary: 'Get the signed-in person, the time and the contact address.' },
  findSession: {
    audience: 'public',
    get: '/v1/session/person',
    summary:
      "Get who is signed in by the console's cookie, if anybody is, and what they may do in the account that they act for.",
    description: 'A page asks it before anybody signs in.',
    headers: z.object({ [accountHeader]: z.string().max(100).optional() }),
    query: z.strictObject({
      offer: z.string().max(31).optional().describe('The offer at which they would ask for a site.'),
    }),
    errors: ['NotFound'],
  },
  endSession: { delete: '/v1/session', summary: 'Sign out. The token becomes invalid.' },
  listSessions: { get: '/v1/sessions', summary: 'List your sessions, last used first.' },
  endOtherSessions: { delete: '/v1/sessions', summary: 'End all your sessions but this one.' },
  revokeSession: {
    delete: '/v1/sessions/{id}',
    summary: 'End one of your sessions.',
    params: sessionParams,
    errors: ['NotFound'],
  },
})
