import { runHost } from '../../../bin/host/run-host.ts'
import config from './two-markets.ts'

// A host with two offers.
await runHost(config)
