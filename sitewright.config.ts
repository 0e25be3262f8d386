import { defineConfig } from './core/config/config.ts'

/** What an operator edits. Every value is checked at start; an error names the path, the value and what is allowed. */
export default defineConfig({
  brand: 'Sitewright',
  offeredBlueprints: ['welcome'],
  reservedSlugs: [],
  pool: { target: 3, buildsAtOnce: 2 },
  trialPolicies: [{ version: 1, trialDays: 14, reminderDaysBefore: [7, 3, 1], graceDays: 14, retentionDays: 60 }],
  plans: [
    {
      id: 'trial',
      name: 'Trial',
      kind: 'trial',
      size: { cpu: 0.5, memoryMiB: 256, processes: 128 },
      limits: { requestsPerSecond: 50, storageMiB: 256 },
      features: ['entries'],
    },
    {
      id: 'starter',
      name: 'Starter',
      kind: 'paid',
      price: { amount: 1900, currency: 'EUR', interval: 'month' },
      size: { cpu: 0.5, memoryMiB: 512, processes: 256 },
      limits: { requestsPerSecond: 200, storageMiB: 2048 },
      features: ['entries', 'custom-domain'],
    },
    {
      id: 'business',
      name: 'Business',
      kind: 'paid',
      price: { amount: 7900, currency: 'EUR', interval: 'month' },
      size: { cpu: 1, memoryMiB: 2048, processes: 512 },
      limits: { requestsPerSecond: 1000, storageMiB: 20480 },
      features: ['entries', 'custom-domain', 'export', 'environments'],
    },
    {
      id: 'enterprise',
      name: 'Enterprise',
      kind: 'enterprise',
      size: { cpu: 2, memoryMiB: 4096, processes: 1024 },
      limits: { requestsPerSecond: 5000, storageMiB: 102400 },
      features: ['entries', 'custom-domain', 'export', 'environments', 'custom-code'],
    },
  ],
})
