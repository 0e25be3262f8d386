import * as z from 'zod'
import { operatorRoles } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { sessionListSchema } from '../accounts/session/views.ts'
import { signInMethodSchema } from './sign-in-operations.ts'

const instant = z.iso.datetime({ precision: 3 })

export const operatorSessionViewSchema = named('OperatorSession', {
  operator: z.strictObject({
    id: z.string(),
    email: z.string().nullable().describe('Null for a bearer token.'),
    role: z.enum(operatorRoles),
  }),
  operations: z.array(z.string()).describe('The ids of the operations that the role permits.'),
  session: z
    .strictObject({ idleEndsAt: instant, expiresAt: instant })
    .nullable()
    .describe('When it ends if it is not used, and at the latest. Null for a bearer token.'),
  names: z
    .strictObject({ plans: z.record(z.string(), z.string()), offers: z.record(z.string(), z.string()) })
    .describe('The names of plans and offers, by id.'),
  now: instant.describe('The time of the domain clock, which can be advanced on one machine.'),
})

const redirect = (description: string) => ({
  description,
  headers: { Location: 'Where to go.', 'Set-Cookie': 'For this browser.' },
})

export const operatorSignInAnswers = {
  operatorGetSignInMethod: {
    200: { description: 'The method.', schema: z.strictObject({ method: signInMethodSchema }) },
  },
  operatorBeginSignIn: { 302: redirect("To the identity provider's page.") },
  operatorFinishSignIn: {
    302: redirect('Signed in, or to `/operator/?signIn=refused`, `expired`, `limited` or `unavailable`.'),
  },
  operatorRequestCode: {
    201: {
      description: "If the address is an operator's, the code was mailed.",
      schema: z.strictObject({ id: idSchema('ops'), expiresAt: instant }),
    },
  },
  operatorVerifyCode: {
    200: { description: 'Signed in.', schema: operatorSessionViewSchema, headers: { 'Set-Cookie': 'The session.' } },
  },
  operatorGetSession: { 200: { description: 'Who is signed in.', schema: operatorSessionViewSchema } },
  operatorFindSession: {
    200: {
      description: 'The session; null if nobody is signed in.',
      schema: z.strictObject({ session: operatorSessionViewSchema.nullable() }),
    },
  },
  operatorEndSession: {
    200: {
      description: 'Signed out.',
      schema: z.strictObject({
        signOutUrl: z.url().nullable().describe("Ends the identity provider's session; null without one."),
      }),
    },
  },
  operatorListSessions: { 200: { description: 'The sessions.', schema: sessionListSchema } },
  operatorEndOtherSessions: { 204: { description: 'The other sessions have ended.' } },
  operatorRevokeSession: { 204: { description: 'The session has ended.' } },
}
