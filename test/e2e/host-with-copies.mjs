import { runHost } from '../../bin/host/run-host.ts'
import config from '../../sitewright.config.ts'

/** The host of the configuration, whose plans have a schedule of copies. */
await runHost({
  ...config,
  plans: config.plans.map((plan) => ({ ...plan, copies: { everyHours: 24, hour: 3, keep: 2 } })),
})
