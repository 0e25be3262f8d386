import * as z from 'zod'
import { proofSchema } from '../../core/abuse/challenge.ts'
import { idSchema } from '../../core/ids.ts'
import { isTimeZone } from '../../core/mail/mail-message.ts'
import { attributionSchema } from '../../core/signup/signup.ts'
import { takesNothing } from '../_runtime/operation.ts'
import { idempotencyHeaders, line } from './input-forms.ts'

/** Public operations. */
export const publicOperations = {
  startSignup: {
    ...takesNothing,
    id: 'startSignup',
    method: 'POST',
    path: '/v1/signups',
    audience: 'public',
    summary: 'Mail a code and a link. The answer does not reveal whether the address is known.',
    headers: idempotencyHeaders,
    body: z.strictObject({
      email: z.email('must be an e-mail address').max(254),
      name: line(100).optional(),
      timeZone: z
        .string()
        .max(64)
        .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
        .optional()
        .meta({ description: 'The time zone for deadlines in mails. Default: UTC.' }),
      company: line(100).optional(),
      attribution: attributionSchema.optional(),
      acceptedTerms: z.boolean().optional(),
      proof: proofSchema.optional().meta({ description: 'The proof of work that a 428 asked for.' }),
    }),
    errors: ['IdempotencyKeyReused', 'MailDomainRefused', 'ProofOfWorkRequired', 'RateLimited'],
  },
  verifySignup: {
    ...takesNothing,
    id: 'verifySignup',
    method: 'POST',
    path: '/v1/signups/{id}/verification',
    audience: 'public',
    summary: 'Exchange the code for a session. A new address gets an account.',
    params: z.object({ id: idSchema('sgn') }),
    body: z.strictObject({ code: z.string().trim().min(1).max(20) }),
    errors: ['NotFound', 'CodeWrong', 'CodeExpired', 'CodeExhausted', 'RateLimited'],
  },
  checkHostname: {
    ...takesNothing,
    id: 'checkHostname',
    method: 'GET',
    path: '/v1/hostnames/{slug}',
    audience: 'public',
    summary: 'Check whether a name is free and allowed.',
    params: z.object({ slug: z.string().min(1).max(255) }),
    errors: [],
  },
  listPlans: {
    ...takesNothing,
    id: 'listPlans',
    method: 'GET',
    path: '/v1/plans',
    audience: 'public',
    summary: 'List plans and prices.',
    errors: [],
  },
  checkHealth: {
    ...takesNothing,
    id: 'checkHealth',
    method: 'GET',
    path: '/v1/health',
    audience: 'public',
    summary: 'Check whether sign-ups work.',
    errors: ['Unavailable'],
  },
  describeApi: {
    ...takesNothing,
    id: 'describeApi',
    method: 'GET',
    path: '/v1/openapi.json',
    audience: 'public',
    summary: 'Get this description.',
    errors: [],
  },
} as const
