import * as z from 'zod'
import config from '../sitewright.config.ts'
import { operatorToken } from './command-line/operator-token.ts'
import { operatorsCall } from './command-line/operators-call.ts'
import { runCommand } from './command-line/read-options.ts'
import { movePageSchema, moveSites } from './policy/move-sites.ts'

const usage = `Shows the versions of the trial policy, and moves existing sites from one to another.

  npm run policy
  npm run policy -- --move --from 1 --to 2 --reason 'Longer trials' --dry-run
  npm run policy -- --move --from 1 --to 2 --reason 'Longer trials' --yes

  --dry-run         only shows what would change for whom; this is shown before a move as well
  --yes             moves the sites; by default the changes are only shown
  --reason <words>  for the history of each site
  --url <address>   of the console (http://localhost:4000)

Reads the token of an administrator from SITEWRIGHT_OPERATOR_TOKEN; on one machine, /_local/operators issues it.
`

const moveSchema = z.object({
  from: z.coerce.number('--from has to be a version').int().positive(),
  to: z.coerce.number('--to has to be a version').int().positive(),
  reason: z.string('--reason is needed: it stands in the history of each site').trim().min(1),
})

const optionsSchema = z.object({
  move: z.boolean().default(false),
  from: z.string().optional(),
  to: z.string().optional(),
  reason: z.string().optional(),
  url: z.string().default('http://localhost:4000'),
  'dry-run': z.boolean().default(false),
  yes: z.boolean().default(false),
})

await runCommand(optionsSchema, usage, async (options) => {
  const { url, move, yes: isMeant, 'dry-run': isDryRun } = options
  if (!move) {
    for (const policy of config.trialPolicies) console.log(JSON.stringify(policy))
    return true
  }
  const wanted = moveSchema.safeParse(options)
  if (!wanted.success) throw new Error(`${z.prettifyError(wanted.error)}\n\n${usage}`)
  const call = operatorsCall(url, await operatorToken(url, 'policy@example.com'))
  const ask = (request: object) => call('policies/move', movePageSchema, request)
  return moveSites({ ...wanted.data, ask, print: (line) => console.log(line), isDryRun, isMeant })
})
