import { runHost } from '../../../bin/host/run-host.ts'
import config from '../../../sitewright.config.ts'

// A host whose trials sleep after a minute, so that the story need not wait for half an hour.
await runHost({
  ...config,
  plans: config.plans.map((plan) => (plan.kind === 'trial' ? { ...plan, sleepAfterMinutes: 1 } : plan)),
})
