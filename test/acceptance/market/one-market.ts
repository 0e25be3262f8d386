import { defineConfig } from '../../../core/config/config.ts'
import config from '../../../sitewright.config.ts'

// `starter` has little storage here, so that a story can fill it.
const limits = { requestsPerMinute: 12_000, bandwidthMiBPerMinute: 1200, connections: 300, uploadMiB: 128 }

export default defineConfig({
  ...config,
  leads: { ...config.leads, contact: 'sales@example.com', hotScore: 30 },
  plans: config.plans.map((plan) => (plan.id === 'starter' ? { ...plan, limits: { ...limits, storageMiB: 1 } } : plan)),
})
