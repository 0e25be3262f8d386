import * as z from 'zod'
import type { SettingsTable } from './settings-table.ts'
import type { DunningSettings } from './world.ts'

export const dunningSchema = z.strictObject({
  /** Days between one attempt to collect and the next. */
  retryAfterDays: z.array(z.int().min(1).max(60)).max(8),
  /** What becomes of a subscription when the last attempt has failed. */
  afterRetries: z.enum(['cancel', 'leave', 'unpaid']),
})

/** Two weeks in all, and then the subscription is cancelled: https://docs.stripe.com/billing/revenue-recovery/smart-retries */
const usual: DunningSettings = { retryAfterDays: [3, 5, 7], afterRetries: 'cancel' }

const name = 'dunning'

export const readDunning = (settings: SettingsTable): DunningSettings => {
  const kept = settings.get(name)
  return kept === undefined ? usual : dunningSchema.parse(JSON.parse(kept))
}

export const keepDunning = (settings: SettingsTable, dunning: DunningSettings): DunningSettings => {
  settings.set(name, JSON.stringify(dunning))
  return dunning
}
