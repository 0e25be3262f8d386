import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { answersSchema } from '../offers/question.ts'
import { attributionSchema } from '../signup/attribution.ts'
import { contactRequestSchema, leadOutcomes, leadStages } from './lead.ts'
import { factNames, leadFactsSchema } from './lead-facts.ts'

const instant = z.iso.datetime({ precision: 3 })

const lead = z.strictObject({
  id: idSchema('acct').describe('The id of the account.'),
  email: z.string().nullable(),
  name: z.string().nullable(),
  company: z.string().nullable(),
  stage: z.enum(leadStages),
  stageSince: instant,
  score: z.int().min(0).max(100),
  reasons: z.array(
    z.strictObject({
      fact: z.enum(factNames),
      event: z.string().optional().describe('The name of the product event.'),
      about: z.string().optional().describe('What was refused, such as `custom domain`.'),
      value: z.number(),
      points: z.int(),
      text: z.string().describe('Such as `+20: used on 4 of the last 7 days`.'),
    }),
  ),
  scoredAt: instant,
  deadline: instant.nullable().describe('The end of the trial.'),
  assignee: z.string().nullable(),
  outcome: z.enum(leadOutcomes),
  nextStep: z.strictObject({ text: z.string(), at: instant }).nullable(),
  marketingConsent: z.boolean(),
  revision: z.int().nonnegative().describe('For `operatorChangeLead`.'),
})

export const leadSchema = lead.meta({ id: 'Lead' })

export const leadDetailSchema = lead
  .extend({
    facts: leadFactsSchema,
    attribution: attributionSchema.nullable(),
    offer: z.string().nullable().describe('Null for the installation’s own.'),
    variant: z.string().nullable(),
    answers: answersSchema.nullable().describe('By the ids of the offer’s questions.'),
    language: z.string().nullable(),
    mail: z.strictObject({ domain: z.string(), kind: z.enum(['free', 'company']) }).nullable(),
    contactRequests: z.array(contactRequestSchema),
    notes: z.array(z.strictObject({ at: instant, by: z.string(), text: z.string() })),
    people: z.array(z.string()).describe('Whom it can be assigned to.'),
  })
  .meta({ id: 'LeadDetail' })

export const leadAnswers = {
  operatorListLeads: {
    200: {
      description: 'One page. A cursor means that more pages follow.',
      schema: z.strictObject({
        leads: z.array(leadSchema),
        people: z.array(z.string()).describe('Whom leads can be assigned to.'),
        cursor: z.string().optional(),
      }),
    },
  },
  operatorExportLeads: {
    200: {
      description: 'A row for each lead, below the names of the columns.',
      schema: z.string(),
      contentType: 'text/csv',
      headers: { Link: 'The next page (`rel="next"`), if there is one.' },
    },
  },
  operatorGetLead: { 200: { description: 'The lead.', schema: leadDetailSchema } },
  operatorChangeLead: { 200: { description: 'The lead afterwards.', schema: leadDetailSchema } },
} as const
