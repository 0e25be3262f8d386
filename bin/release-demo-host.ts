import config from '../sitewright.config.ts'
import { kinds } from './demo/release/versions.ts'
import { runHost } from './host/run-host.ts'

// A host that offers the two blueprints of the story.
await runHost({ ...config, offeredBlueprints: kinds })
