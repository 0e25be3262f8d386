import * as z from 'zod'
import { emailSchema } from '../../core/email.ts'
import { forOwners, operationsFor } from '../_runtime/operation.ts'
import { line, pageQuery, siteParams } from '../http/input-forms.ts'
import { contactTopics, leadOutcomes, leadStages, longestStep } from './lead.ts'
import { separatorForm } from './lead-csv.ts'

const params = z.object({ id: z.string().max(100).describe('The id of the account.') })

const listQuery = {
  sort: z
    .enum(['score', 'next-step', 'deadline'])
    .default('score')
    .describe('By score, highest first; by the next step of an assignee; by the end of the trial.'),
  stage: z.enum(leadStages).optional().describe('For `score`; all stages by default.'),
  assignee: emailSchema.optional().describe('For `next-step`, which needs it.'),
  ...pageQuery,
}

export const leadOperations = operationsFor({ audience: 'operator', roles: ['sales', 'admin'] })({
  operatorListLeads: {
    get: '/v1/operator/leads',
    summary: 'List leads by score, by the next step of an assignee, or by deadline.',
    query: z.strictObject(listQuery),
  },
  operatorExportLeads: {
    get: '/v1/operator/leads/export',
    summary: 'Export leads as CSV, in the same lists. Formulae are escaped.',
    query: z.strictObject({
      ...listQuery,
      for: z
        .enum(['sales', 'marketing'])
        .default('sales')
        .describe('`marketing` leaves out leads without the consent to marketing.'),
      separator: separatorForm,
      limit: z.coerce.number().int().min(1).max(500).default(500),
    }),
  },
  operatorGetLead: {
    get: '/v1/operator/leads/{id}',
    summary: 'Get a lead with the reasons for its score and its facts.',
    params,
    errors: ['NotFound'],
  },
  operatorChangeLead: {
    patch: '/v1/operator/leads/{id}',
    summary: 'Assign a lead, plan the next step, record the outcome or add a note.',
    description: '`revision` is that of the lead that you saw: two people cannot overwrite each other.',
    params,
    body: z.strictObject({
      revision: z.int().nonnegative(),
      assignee: emailSchema.nullable().optional(),
      outcome: z.enum(leadOutcomes).optional(),
      nextStep: z
        .strictObject({ text: line(longestStep), at: z.iso.datetime({ offset: true }) })
        .nullable()
        .optional(),
      note: z.string().trim().min(1).max(2000).optional(),
    }),
    errors: ['NotFound', 'VersionConflict'],
  },
})

export const ownerLeadOperations = forOwners({
  requestContact: {
    post: '/v1/sites/{id}/contact-requests',
    summary: 'Ask our sales team to get in touch. They get a mail at once.',
    params: siteParams,
    body: z.strictObject({
      topic: z.enum(contactTopics),
      message: z.string().trim().max(2000).default('').describe('What it is about, in your words.'),
    }),
    errors: ['NotFound', 'RateLimited', 'VersionConflict'],
  },
})
