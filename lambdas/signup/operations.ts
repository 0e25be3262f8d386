import * as z from 'zod'
import { proofSchema } from '../../core/challenge.ts'
import { emailSchema } from '../../core/email.ts'
import { idSchema } from '../../core/ids.ts'
import { isTimeZone } from '../../core/mail/mail-words.ts'
import { forAnybody } from '../_runtime/operation.ts'
import { idempotencyHeaders, line } from '../http/input-forms.ts'
import { publicSummaryOperations } from '../sites/summary/operations.ts'
import { clickIdNames } from './attribution.ts'

/** More than an offer asks: a page may be older than the offer. */
const maxAnswers = 20

/** A text that a page says, as long as a body may be. A bad value counts as missing; a long one is cut where it is stored. */
const text = z.string().max(16_384).optional().catch(undefined)
const said = (description: string) => text.meta({ description })

/** What the page says of a visitor. Bad values are cut or dropped: they never refuse a sign-up. */
const originForms = {
  attribution: z
    .object({
      ...{ source: text, medium: text, campaign: text, term: text, content: text, referrer: text, landingPage: text },
      clickIds: z
        .object(Object.fromEntries(clickIdNames.map((name) => [name, text])))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined)
    .describe(
      [
        'Where the visitor came from: the texts `source`, `medium`, `campaign`, `term`, `content` of `utm_…`, the URLs `referrer`, of which the',
        'origin is stored, and `landingPage`, of which the path is stored, and `clickIds`, stored only with the consent to marketing.',
      ].join(' '),
    ),
  answers: z
    .record(z.string().max(31), text)
    .refine((answers) => Object.keys(answers).length <= maxAnswers)
    .optional()
    .catch(undefined)
    .meta({
      maxProperties: maxAnswers,
      description: 'Answers by the ids of the offer’s questions: a text up to 200 characters, or the id of an option.',
    }),
  language: said('The language of the page, such as `en`.'),
  marketingConsent: said(
    'The version of the text by which the visitor consented to marketing. Absent without consent.',
  ),
}

const gpcHeader = (effect: string) =>
  z.string().max(16).optional().catch(undefined).describe(`Global Privacy Control: with \`1\`, ${effect}.`)

export const publicOperations = {
  ...publicSummaryOperations,
  ...forAnybody({
    startSignup: {
      post: '/v1/signups',
      summary: 'Mail a code and a link. The answer does not reveal whether the address is known.',
      headers: z.object({ ...idempotencyHeaders.shape, 'sec-gpc': gpcHeader('no attribution is stored') }),
      body: z.strictObject({
        email: emailSchema,
        name: line(100).optional(),
        timeZone: z
          .string()
          .max(64)
          .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
          .optional()
          .catch(undefined)
          .describe('The time zone for deadlines in mails. Default: UTC, also for one that is not known.'),
        company: line(100).optional(),
        ...originForms,
        acceptedTerms: z.boolean().optional(),
        blueprint: z
          .string()
          .max(31)
          .optional()
          .describe('What the site is to run: one of the offered blueprints. Default: the first.'),
        offer: z
          .string()
          .max(31)
          .optional()
          .describe('The offer by which the person signs up. Default: the installation’s own.'),
        variant: z.string().max(31).optional().describe('The variant of the offer that the person saw.'),
        proof: proofSchema.optional().describe('The proof of work that a 428 asked for.'),
      }),
      errors: ['IdempotencyKeyReused', 'MailDomainRefused', 'ProofOfWorkRequired', 'RateLimited'],
    },
    submitSignupForm: {
      post: '/v1/signups/form',
      summary: 'Mail a code for the form of the sign-up page, for browsers without JavaScript.',
      headers: z.object({
        'sec-gpc': gpcHeader('no attribution is stored'),
        referer: text.describe('The address of the page: its blueprint and its `utm_…`.'),
      }),
      query: z.strictObject({
        language: z
          .enum(['en', 'de'])
          .default('en')
          .describe('The language of the page. The answer says in it what was wrong.'),
        offer: z.string().max(31).optional().describe('The offer of the page.'),
      }),
      rawBody: {
        largestBytes: 8192,
        refusesInWords: true,
        description:
          'The fields `email`, `acceptedTerms`, `marketingConsent` and, for each question, `answer.` with its id, as `application/x-www-form-urlencoded`.',
      },
      errors: ['Forbidden', 'MailDomainRefused', 'MalformedBody', 'ProofOfWorkRequired', 'RateLimited'],
    },
    verifySignup: {
      post: '/v1/signups/{id}/verification',
      summary: 'Exchange the code for a session. A new address gets an account.',
      params: z.object({ id: idSchema('sgn') }),
      body: z.strictObject({
        code: z.string().trim().min(1).max(20),
        acceptedTerms: z
          .boolean()
          .optional()
          .describe(
            'Whether the person accepts the terms now. With the code of a link, what the sign-up said of terms and marketing does not count: somebody else may have begun it.',
          ),
        marketingConsent: said('The version of the text by which the person consents to marketing now.'),
      }),
      errors: ['NotFound', 'CodeWrong', 'CodeExpired', 'CodeExhausted', 'OfferClosed', 'RateLimited'],
    },
    reopenByLink: {
      post: '/v1/accounts/{id}/reopening',
      summary: 'Cancel the deletion of an account by the link in its mail.',
      params: z.object({ id: z.string().max(100) }),
      body: z.strictObject({ code: z.string().max(100) }),
      errors: ['CodeWrong', 'VersionConflict'],
    },
    countVisit: {
      post: '/v1/visits',
      summary: 'Count a visit of a page. Nothing about the visitor is stored.',
      headers: z.object({ 'sec-gpc': gpcHeader('only offer and variant are counted') }),
      body: z.strictObject({
        offer: said('The offer of the page. Default: the installation’s own, also for one that is not known.'),
        variant: said('The variant of the offer.'),
        source: said('The text of `utm_source`.'),
        medium: said('The text of `utm_medium`.'),
        campaign: said('The text of `utm_campaign`.'),
      }),
      errors: ['RateLimited'],
    },
    checkHostname: {
      get: '/v1/hostnames/{slug}',
      summary: 'Check whether a name is free and allowed.',
      params: z.object({ slug: z.string().min(1).max(255) }),
      errors: ['RateLimited'],
    },
    listPlans: { get: '/v1/plans', summary: 'List plans and prices.' },
    checkHealth: { get: '/v1/health', summary: 'Check whether sign-ups work.', errors: ['Unavailable'] },
    findSecurityContact: {
      get: '/.well-known/security.txt',
      summary: 'Get the address for reports of vulnerabilities (RFC 9116).',
    },
    describeApi: {
      get: '/v1/openapi.json',
      summary: 'Get this description.',
      headers: z.object({
        'if-none-match': z
          .string()
          .max(1000)
          .optional()
          .catch(undefined)
          .describe('The `ETag` of an earlier answer: if it still holds, the answer is 304.'),
      }),
    },
    describeSiteFile: {
      get: '/v1/schemas/sitewright.json',
      summary: 'Get the JSON Schema of sitewright.yaml, for editors.',
    },
  }),
}
