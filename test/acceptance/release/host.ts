import { runHost } from '../../../bin/host/run-host.ts'
import config from '../../../sitewright.config.ts'
import { names } from './versions.ts'

// A host that offers the blueprints of the story, and whose trials sleep after a minute.
await runHost({
  ...config,
  offeredBlueprints: names,
  plans: config.plans.map((plan) => (plan.kind === 'trial' ? { ...plan, sleepAfterMinutes: 1 } : plan)),
})
