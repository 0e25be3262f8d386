import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { healthProbeContract } from '../health-probe/contract.ts'

healthProbeContract('a probe over HTTP', async () => ({
  probe: createHealthProbe({ timeoutMilliseconds: 300 }),
  close: async () => undefined,
}))
