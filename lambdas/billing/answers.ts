import * as z from 'zod'
import { actorSchema } from '../../core/events/actor.ts'
import { named } from '../../core/named.ts'
import { findingsSchema } from './reconciliation/billing-report.ts'

const instant = z.iso.datetime({ precision: 3 })
export const reconciliationViewSchema = named('BillingReconciliation', {
  request: z
    .strictObject({
      at: instant,
      actor: actorSchema(),
      reason: z.string(),
      waiting: z.boolean().describe('Whether no later run has finished.'),
    })
    .nullable()
    .describe('The last request; null without one.'),
  attempt: z
    .strictObject({
      beganAt: instant,
      failedAt: instant.nullable().describe('Null while the run is in progress, or if its process crashed.'),
      error: z.string().nullable().describe('The step that failed; the log has details.'),
    })
    .nullable()
    .describe('A run after the one in the report that has not finished.'),
  report: findingsSchema.nullable().describe('The last finished run; null before the first. Times use the wall clock.'),
})
