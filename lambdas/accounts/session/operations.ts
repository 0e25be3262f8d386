import * as z from 'zod'
import { operationsFor } from '../../_runtime/operation.ts'
import { accountHeader } from '../../_runtime/own-headers.ts'

const { get, remove } = operationsFor({ audience: 'owner' })

/** An id that may be invalid. It gets the same answer as another person's id. */
export const sessionParams = z.object({ id: z.string().max(100) })

/** Owners' operations on their sessions. */
export const sessionOperations = {
  getSession: {
    ...get,
    id: 'getSession',
    path: '/v1/session',
    summary: 'Get the signed-in person, the time and the contact address.',
    errors: [],
  },
  findSession: {
    ...get,
    audience: 'public',
    id: 'findSession',
    path: '/v1/session/person',
    summary:
      "Get who is signed in by the console's cookie, if anybody is, and what they may do in the account that they act for.",
    description: 'A page asks it before anybody signs in.',
    headers: z.object({ [accountHeader]: z.string().max(100).optional() }),
    errors: ['NotFound'],
  },
  endSession: {
    ...remove,
    id: 'endSession',
    path: '/v1/session',
    summary: 'Sign out. The token becomes invalid.',
    errors: [],
  },
  listSessions: {
    ...get,
    id: 'listSessions',
    path: '/v1/sessions',
    summary: 'List your sessions, last used first.',
    errors: [],
  },
  endOtherSessions: {
    ...remove,
    id: 'endOtherSessions',
    path: '/v1/sessions',
    summary: 'End all your sessions but this one.',
    errors: [],
  },
  revokeSession: {
    ...remove,
    id: 'revokeSession',
    path: '/v1/sessions/{id}',
    summary: 'End one of your sessions.',
    params: sessionParams,
    errors: ['NotFound'],
  },
} as const
