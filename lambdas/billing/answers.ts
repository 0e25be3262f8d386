import * as z from 'zod'
import { actorSchema } from '../../core/events/actor.ts'
import { findingsSchema } from './reconciliation/billing-report.ts'

const instant = z.iso.datetime({ precision: 3 })
export const reconciliationViewSchema = z
  .strictObject({
    request: z
      .strictObject({
        at: instant,
        actor: actorSchema(),
        reason: z.string(),
        waiting: z.boolean().meta({ description: 'Whether no later run has finished.' }),
      })
      .nullable()
      .meta({ description: 'The last request; null without one.' }),
    attempt: z
      .strictObject({
        beganAt: instant,
        failedAt: instant
          .nullable()
          .meta({ description: 'Null while the run is in progress, or if its process crashed.' }),
        error: z.string().nullable().meta({ description: 'The step that failed; the log has details.' }),
      })
      .nullable()
      .meta({ description: 'A run after the one in the report that has not finished.' }),
    report: findingsSchema
      .nullable()
      .meta({ description: 'The last finished run; null before the first. Times use the wall clock.' }),
  })
  .meta({ id: 'BillingReconciliation' })
