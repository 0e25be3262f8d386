import { runHost } from '../../../bin/host/run-host.ts'
import config from '../../../sitewright.config.ts'
import { example } from './install.ts'

// A host that offers the product of the story.
await runHost({ ...config, offeredBlueprints: [example] })
