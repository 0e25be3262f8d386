import config from './demo/market/two-markets.ts'
import { runHost } from './host/run-host.ts'

// A host with two offers.
await runHost(config)
