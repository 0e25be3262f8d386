import { runHost } from '../../bin/host/run-host.ts'
import config from '../../sitewright.config.ts'
import { hostile } from './hostile-peers.ts'

// A host on which anybody can have a site that answers with what is expensive to read.
await runHost({ ...config, offeredBlueprints: [...config.offeredBlueprints, hostile] })
