import * as z from 'zod'
import { caddyfile } from '../local/gateway/certificate-names.ts'
import { readSettings } from '../local/settings.ts'
import { runCommand } from './command-line/read-options.ts'

const usage = `Prints the configuration of Caddy, the TLS proxy in front of a public host on this machine.

  npm run --silent caddyfile >/etc/caddy/Caddyfile

Reads the settings of the host: SITEWRIGHT_SITES_DOMAIN, SITEWRIGHT_CONSOLE_URL and PORT.
`

await runCommand(z.strictObject({}), usage, async () => console.log(caddyfile(readSettings(process.env)).trimEnd()))
