import { defineConfig } from '../../../core/config/config.ts'
import config from '../../../sitewright.config.ts'

// `starter` has little storage here, so that a story can fill it.
const limits = { requestsPerMinute: 12_000, bandwidthMiBPerMinute: 1200, connections: 300, uploadMiB: 128 }

export default defineConfig({
  ...config,
  leads: { ...config.leads, contact: 'sales@example.com', hotScore: 30 },
  plans: config.plans.map((plan) => (plan.id === 'starter' ? { ...plan, limits: { ...limits, storageMiB: 1 } } : plan)),
  trialPolicies: [
    ...config.trialPolicies,
    { version: 100, name: 'term', trialDays: 30, reminderDaysBefore: [7, 1], graceDays: 21, retentionDays: 90 },
  ],
  offers: [
    {
      id: 'schools',
      paths: ['/schools'],
      brand: { name: 'Schoolwright', colours: { light: '#0f766e', dark: '#5eead4' } },
      trialPolicy: 'term',
      plans: ['starter', 'growth'],
      variants: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 1, texts: { en: { title: 'A site for your school' } } },
      ],
    },
  ],
})
