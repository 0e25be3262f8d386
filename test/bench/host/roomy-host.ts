import { runHost } from '../../../bin/host/run-host.ts'
import config from '../../../sitewright.config.ts'

/** More than any load needs: each request is checked against the limits, and none is reached. */
const plenty = { requestsPerMinute: 1e9, bandwidthMiBPerMinute: 1e9, connections: 1e9 }

await runHost({ ...config, plans: config.plans.map((plan) => ({ ...plan, limits: { ...plan.limits, ...plenty } })) })
