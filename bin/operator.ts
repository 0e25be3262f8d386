import { access } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { openDevelopmentIssuer } from '../adapters/oidc/development-issuer.ts'
import { toInstant } from '../core/instant.ts'
import { homeDirectory } from '../local/home/open-home.ts'
import { readSecrets } from '../local/secrets.ts'
import { readSettings } from '../local/settings.ts'
import { runCommand } from './command-line/read-options.ts'

const usage = `Prints a token for /v1/operator, valid for twelve hours. Needs the settings of the host and its home, so it needs its user.

  npm run --silent operator -- --email you@example.com --role support

  --email <address>   the same address is always the same operator
  --role <role>       support, sales or admin
`

const optionsSchema = z.strictObject({ email: z.email(), role: z.enum(['support', 'sales', 'admin']) })

await runCommand(optionsSchema, usage, async (operator) => {
  const directory = homeDirectory(process.env)
  await access(join(directory, 'secrets.json')).catch(() => {
    throw new Error(`${directory} is not the home of a host; set SITEWRIGHT_HOME`)
  })
  const { codePepper } = await readSecrets({ directory, directories: { database: join(directory, 'database') } })
  const issuer = openDevelopmentIssuer({
    keyFile: join(directory, 'operators-key.json'),
    secret: codePepper,
    consoleUrl: readSettings(process.env).consoleUrl,
    clock: () => toInstant(new Date()),
  })
  console.log((await issuer.issue(operator)).token)
})
