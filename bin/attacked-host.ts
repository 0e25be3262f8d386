import config from '../sitewright.config.ts'
import { hostile } from './attacks/hostile-peers.ts'
import { runHost } from './host/run-host.ts'

// A host on which anybody can have a site that answers with what is expensive to read.
await runHost({ ...config, offeredBlueprints: [...config.offeredBlueprints, hostile] })
