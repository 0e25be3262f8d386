import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import type { Config } from '../core/config/config.ts'
import { ConfigError } from '../core/errors.ts'
import { readBrandFiles } from '../web/build/brand-files.ts'
import { pageSettings } from '../web/build/page-settings.ts'
import { runCommand } from './command-line/read-options.ts'

const usage = `Checks sitewright.config.ts of the working directory, and that the files are there which its offers name.

  npm run --silent check-config
`

await runCommand(
  z.strictObject({}),
  usage,
  async () => {
    const file = pathToFileURL(resolve('sitewright.config.ts')).href
    const { default: config }: { readonly default: Config } = await import(file)
    await readBrandFiles(pageSettings({ config, sitesDomain: '', blueprints: [] }))
  },
  // Of a mistake in the code of the file, the stack says where.
  { explain: (error) => (error instanceof ConfigError ? error.message : error) },
)
