import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { idSchema } from '../../core/ids.ts'
import { everybody, forAnybody, operationsFor } from '../_runtime/operation.ts'
import { sessionParams } from '../accounts/session/operations.ts'
import { signInMethods } from './ports.ts'
export const signInMethodSchema = z.enum(signInMethods)

/** How operators sign in, and their sessions. An installation has one of three ways; routes of the others answer 404. */
export const operatorSignInOperations = {
  ...forAnybody({
    operatorGetSignInMethod: {
      get: '/v1/operator/sign-in/methods',
      summary: 'Get how operators of this installation sign in.',
    },
    operatorBeginSignIn: {
      get: '/v1/operator/sign-in',
      summary: "Go to the identity provider's page (method `hosted`). For browsers.",
      query: z.strictObject({
        returnTo: z
          .string()
          .max(500)
          .optional()
          .describe('Where to go afterwards: a path below `/operator/`. Default: `/operator/`.'),
      }),
      errors: ['NotFound', 'RateLimited', 'Unavailable'],
    },
    operatorFinishSignIn: {
      get: '/v1/operator/sign-in/callback',
      summary: 'Where the identity provider sends the browser back to. It opens the session.',
      // The provider decides what it sends.
      query: z.looseObject({}),
      errors: ['NotFound'],
    },
    operatorRequestCode: {
      post: '/v1/operator/sign-in',
      summary:
        'Mail a code to an operator (method `code-and-totp`). The answer does not reveal whether the address is one of an operator.',
      body: z.strictObject({ email: emailSchema }),
      errors: ['NotFound', 'RateLimited'],
    },
    operatorVerifyCode: {
      post: '/v1/operator/sign-in/{id}/verification',
      summary: 'Exchange the mailed code and a one-time password of the authenticator for a session, in a cookie.',
      params: z.object({ id: idSchema('ops') }),
      body: z.strictObject({
        code: z.string().trim().min(1).max(20),
        totp: z.string().trim().min(1).max(20).describe('Six digits, by RFC 6238.'),
      }),
      errors: ['NotFound', 'CodeWrong', 'CodeExpired', 'CodeExhausted', 'RateLimited'],
    },
    operatorFindSession: {
      get: '/v1/operator/session/present',
      summary: "Get the session of the browser's cookie, or null. The page calls this before anybody has signed in.",
    },
  }),
  ...operationsFor({ audience: 'operator', roles: everybody })({
    operatorGetSession: {
      get: '/v1/operator/session',
      summary: 'Get who is signed in, the permitted operations, and the end of the session.',
    },
    operatorEndSession: {
      delete: '/v1/operator/session',
      summary: "Sign out. Go to `signOutUrl` to end the identity provider's session too.",
    },
    operatorListSessions: { get: '/v1/operator/sessions', summary: 'List your sessions, last used first.' },
    operatorEndOtherSessions: { delete: '/v1/operator/sessions', summary: 'End all your sessions but this one.' },
    operatorRevokeSession: {
      delete: '/v1/operator/sessions/{id}',
      summary: 'End one of your sessions.',
      params: sessionParams,
      errors: ['NotFound'],
    },
  }),
}
