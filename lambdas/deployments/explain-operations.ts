import * as z from 'zod'
import { named } from '../../core/named.ts'
import { historyActors } from '../../core/site/owner-history.ts'
import { forOwners } from '../_runtime/operation.ts'
import { siteParams } from '../http/input-forms.ts'

/** What happened to a site of own software. */
export const explainOperations = forOwners({
  explainSite: {
    get: '/v1/sites/{id}/explanation',
    summary: 'Get one timeline of what happened to a site of your own software around a moment.',
    description:
      'It has deployments, changes of variables, sleep, restarts, failures with their cause and the last lines before them, and errors by the hour.',
    params: siteParams,
    query: z.strictObject({
      at: z.iso.datetime({ offset: true }).optional().describe('The moment. Now by default.'),
      minutes: z.coerce
        .number()
        .int()
        .min(1)
        .max(1440)
        .default(60)
        .describe('How many minutes before and after the moment.'),
    }),
    errors: ['Forbidden', 'NotFound'],
  },
})

const instant = z.iso.datetime({ precision: 3 })

export const explanationSchema = named('Explanation', {
  now: instant.describe('By the clock of the server.'),
  at: instant,
  from: instant,
  until: instant,
  before: z
    .strictObject({
      at: instant,
      status: z.string(),
      version: z.int().nullable().describe('Null before the first deployment.'),
    })
    .nullable()
    .describe('What the site was like before, since when; null if that is not known.'),
  isComplete: z.boolean().describe('False if too much happened, so that something is missing.'),
  entries: z
    .array(
      z.strictObject({
        at: instant,
        kind: z.enum(['deployment', 'variables', 'sleep', 'restart', 'failure', 'errors', 'event']),
        text: z.string(),
        by: z.enum(historyActors),
        person: z.string().nullable().describe('The address of the member who did it, if it is known.'),
        lines: z
          .array(z.string())
          .optional()
          .describe('The last lines that the containers wrote before the failure, without the secrets of the site.'),
      }),
    )
    .describe('Oldest first, at most 200.'),
})

export const explainAnswers = { explainSite: { 200: { description: 'The timeline.', schema: explanationSchema } } }
