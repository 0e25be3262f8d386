import config from '../sitewright.config.ts'
import { example } from './demo/product/install.ts'
import { runHost } from './host/run-host.ts'

// A host that offers the product of the story.
await runHost({ ...config, offeredBlueprints: [example] })
