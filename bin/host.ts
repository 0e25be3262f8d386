import config from '../sitewright.config.ts'
import { runHost } from './host/run-host.ts'

await runHost(config)
