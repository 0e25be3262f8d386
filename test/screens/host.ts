import { runHost } from '../../bin/host/run-host.ts'
import config from '../../sitewright.config.ts'

// The usual offer, with what a company adds first. Trials sleep soon, so that screens show sites that are asleep.
await runHost({
  ...config,
  dataLocation: 'Frankfurt, Germany',
  legal: { privacy: 'https://example.com/privacy', imprint: 'https://example.com/imprint' },
  leads: {
    ...config.leads,
    contact: 'sales@example.com',
    people: ['sales@example.com', 'grace@example.com'],
    hotScore: 40,
  },
  plans: config.plans.map((plan) => (plan.kind === 'trial' ? { ...plan, sleepAfterMinutes: 1 } : plan)),
})
