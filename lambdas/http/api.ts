import * as z from 'zod'
import { proofSchema } from '../../core/abuse/challenge.ts'
import { idSchema } from '../../core/ids.ts'
import { attributionSchema } from '../../core/signup/signup.ts'
import { takesNothing } from '../_runtime/operation.ts'

/** One line for people to read: trimmed, without control characters. */
const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(longest)
    .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')

const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({ description: 'A value of your own, such as a UUID: the same request under it creates once.' }),
})

/** Every operation of the public and the owner's API. */
export const api = {
  startSignup: {
    ...takesNothing,
    id: 'startSignup',
    method: 'POST',
    path: '/v1/signups',
    audience: 'public',
    summary: 'Send a code and a link to an address. The answer is the same whether or not the address is known.',
    headers: idempotencyHeaders,
    body: z.strictObject({
      email: z.email('must be an e-mail address').max(254),
      name: line(100).optional(),
      company: line(100).optional(),
      attribution: attributionSchema.optional(),
      acceptedTerms: z.boolean().optional(),
      proof: proofSchema.optional().meta({ description: 'Of the work that a 428 has asked for.' }),
    }),
    errors: ['IdempotencyKeyReused', 'MailDomainRefused', 'ProofOfWorkRequired', 'RateLimited'],
  },
  verifySignup: {
    ...takesNothing,
    id: 'verifySignup',
    method: 'POST',
    path: '/v1/signups/{id}/verification',
    audience: 'public',
    summary: 'Trade the code for a session. A new address gets its account; signing in again is the same call.',
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
    summary: 'Is this name free and allowed?',
    params: z.object({ slug: z.string().min(1).max(255) }),
    errors: [],
  },
  listPlans: {
    ...takesNothing,
    id: 'listPlans',
    method: 'GET',
    path: '/v1/plans',
    audience: 'public',
    summary: 'What a site can be entitled to, and its price.',
    errors: [],
  },
  checkHealth: {
    ...takesNothing,
    id: 'checkHealth',
    method: 'GET',
    path: '/v1/health',
    audience: 'public',
    summary: 'Can sign-ups be served?',
    errors: ['Unavailable'],
  },
  describeApi: {
    ...takesNothing,
    id: 'describeApi',
    method: 'GET',
    path: '/v1/openapi.json',
    audience: 'public',
    summary: 'This description.',
    errors: [],
  },
  getSession: {
    ...takesNothing,
    id: 'getSession',
    method: 'GET',
    path: '/v1/session',
    audience: 'owner',
    summary: 'Who is signed in?',
    errors: [],
  },
  endSession: {
    ...takesNothing,
    id: 'endSession',
    method: 'DELETE',
    path: '/v1/session',
    audience: 'owner',
    summary: 'Sign out: the token is worth nothing from here on.',
    errors: [],
  },
  createSite: {
    ...takesNothing,
    id: 'createSite',
    method: 'POST',
    path: '/v1/sites',
    audience: 'owner',
    summary: 'Get the trial site of the account.',
    headers: idempotencyHeaders,
    body: z.strictObject({
      slug: z.string().max(255),
      name: line(100).optional(),
      blueprint: z.string().max(64).optional(),
    }),
    errors: ['HostnameNotAllowed', 'HostnameTaken', 'TrialAlreadyUsed', 'IdempotencyKeyReused', 'Unavailable'],
  },
  listSites: {
    ...takesNothing,
    id: 'listSites',
    method: 'GET',
    path: '/v1/sites',
    audience: 'owner',
    summary: 'The sites of the account, newest first.',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      cursor: z.string().max(2000).optional(),
    }),
    errors: [],
  },
  getSite: {
    ...takesNothing,
    id: 'getSite',
    method: 'GET',
    path: '/v1/sites/{id}',
    audience: 'owner',
    summary: 'One site of the account.',
    params: z.object({ id: z.string().max(100) }),
    errors: ['NotFound'],
  },
} as const
