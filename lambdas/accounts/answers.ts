import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { idSchema } from '../../core/ids.ts'
import { billingViewSchema } from '../billing/owner-answers.ts'
import { contactRequestSchema, leadStages } from '../leads/lead.ts'
import { attributionSchema, originFields } from '../signup/attribution.ts'
import { ownerAnswers, siteViewSchema } from '../sites/answers.ts'
import { sessionListSchema } from './session/views.ts'

const instant = z.iso.datetime({ precision: 3 })

export const accountEntrySchema = z.strictObject({ id: idSchema('acct'), email: z.string() }).meta({ id: 'Account' })

const supportEntry = z
  .enum(['allowed', 'refused'])
  .describe('Whether support staff may enter your sites. You get a mail about each entry.')

export const accountViewSchema = z.strictObject({
  id: idSchema('acct'),
  email: z.string(),
  supportEntry,
  marketingConsent: z.boolean().describe('Whether you agreed to marketing.'),
  deletion: z
    .strictObject({
      requestedAt: instant,
      until: instant.nullable().describe('Until when you can cancel it; null if it happens at once.'),
    })
    .nullable()
    .describe('The requested deletion; null if none is requested.'),
})

export const accountExportSchema = z.strictObject({
  exportedAt: instant,
  person: z
    .strictObject({
      id: idSchema('prsn'),
      email: z.string(),
      name: z.string().nullable(),
      timeZone: z.string().nullable(),
      termsAcceptedAt: instant.nullable(),
      createdAt: instant,
    })
    .nullable(),
  account: z.strictObject({
    id: idSchema('acct'),
    company: z.string().nullable(),
    attribution: attributionSchema.nullable().describe('Where you came from when you signed up.'),
    language: z.string().nullable(),
    mail: originFields.mail.unwrap().nullable().describe('The domain of your address.'),
    marketing: originFields.marketing.unwrap().nullable().describe('Your consent to marketing.'),
    answers: originFields.answers.unwrap().nullable().describe('Your answers when you signed up.'),
    offer: z.string().nullable().describe('The offer of the sign-up; null for the installation’s own.'),
    variant: z.string().nullable(),
    createdAt: instant,
    deletion: accountViewSchema.shape.deletion,
    supportEntry,
    customerId: z.string().nullable().describe('The customer at Stripe, who keeps the invoices.'),
    currency: z.string().nullable(),
  }),
  sites: z.array(
    z.strictObject({
      site: siteViewSchema.nullable(),
      billing: billingViewSchema,
      domains: z.array(z.strictObject({ hostname: z.string(), state: z.string(), addedAt: instant })),
      copies: z.array(z.strictObject({ id: idSchema('arc'), at: instant, bytes: z.int() })),
    }),
  ),
  memberships: z
    .array(z.strictObject({ accountId: idSchema('acct'), role: z.string(), since: instant }))
    .describe('Your memberships of accounts of others.'),
  sessions: z.array(
    z.strictObject({
      createdAt: instant,
      usedAt: instant,
      expiresAt: instant,
      browser: z.string().nullable(),
      network: z.string().nullable(),
    }),
  ),
  lead: z
    .strictObject({
      stage: z.enum(leadStages),
      score: z.int(),
      reasons: z.array(z.string()),
      contactRequests: z.array(contactRequestSchema),
    })
    .nullable()
    .describe('How our sales team sees the account, and what you wrote to them.'),
  waitingList: z
    .strictObject({ joinedAt: instant, status: z.string(), blueprint: z.string(), offer: z.string().nullable() })
    .nullable(),
})

export const accountAnswers = {
  ...ownerAnswers,
  getSession: {
    200: {
      description: 'The account of the session.',
      schema: z.strictObject({
        account: accountEntrySchema,
        session: z.strictObject({
          expiresAt: instant,
          idleEndsAt: instant.describe('When it ends if it is not used again.'),
        }),
        now: instant.describe('The time of the domain clock, which can be advanced on one machine.'),
        contact: emailSchema.describe('The contact address for owners.'),
      }),
    },
  },
  findSession: {
    200: {
      description: 'The address of whoever is signed in, null if nobody is, and the time of the domain clock.',
      schema: z.strictObject({
        email: emailSchema.nullable(),
        blueprint: z.string().nullable().describe('The blueprint of the sign-up: the default of a new site.'),
        blueprints: z
          .array(z.string())
          .describe('What a new site can be of. It depends on the offer that they get it by.'),
        now: instant,
        may: z
          .strictObject({ always: z.array(z.string()), unlessOwnersOnly: z.array(z.string()) })
          .nullable()
          .describe('The operations that their role in the account allows: always, and on sites without `ownersOnly`.'),
        isClosed: z
          .boolean()
          .describe('Whether the account is being deleted: it may be read and kept, and nothing else.'),
      }),
    },
  },
  endSession: { 204: { description: 'Signed out.' } },
  listSessions: { 200: { description: 'The sessions.', schema: sessionListSchema } },
  endOtherSessions: { 204: { description: 'The other sessions have ended.' } },
  revokeSession: { 204: { description: 'The session has ended.' } },
  getAccount: { 200: { description: 'The account.', schema: accountViewSchema } },
  changeAccount: { 200: { description: 'The account.', schema: accountViewSchema } },
  chooseMarketing: { 200: { description: 'The account.', schema: accountViewSchema } },
  closeAccount: {
    202: {
      description: 'The account is closed. Its sites are being deleted, and then it is.',
      schema: accountViewSchema,
    },
  },
  reopenAccount: { 200: { description: 'The account is kept.', schema: accountViewSchema } },
  exportAccount: {
    200: {
      description: 'All data about the person and the account, as a file.',
      schema: accountExportSchema,
      headers: { 'Content-Disposition': '`attachment`, with a file name.' },
    },
  },
}
