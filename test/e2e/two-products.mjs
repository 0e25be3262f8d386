import { runHost } from '../../bin/host/run-host.ts'
import config from '../../sitewright.config.ts'

/** A host with a choice: the first product is the default. */
await runHost({ ...config, offeredBlueprints: ['welcome', 'shop'] })
