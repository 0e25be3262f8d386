import { type TrialPolicy, trialPolicies } from '../../core/site/trial-policy.ts'

export const samplePolicy: TrialPolicy = {
  version: 1,
  trialDays: 14,
  reminderDaysBefore: [7, 3, 1],
  pastDueDays: 7,
  graceDays: 21,
  retentionDays: 90,
  warningDaysBefore: [14, 3],
  ownerExtensions: 1,
  extensionDays: 7,
  deletionDays: 7,
}

export const samplePolicies = trialPolicies([samplePolicy])
