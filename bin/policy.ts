import * as z from 'zod'
import config from '../sitewright.config.ts'
import { operatorToken } from './command-line/operator-token.ts'
import { operatorsCall } from './command-line/operators-call.ts'
import { runCommand } from './command-line/read-options.ts'

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
  reason: z.string('--reason is needed: it is kept in the history of each site').trim().min(1),
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

const step = z.object({ step: z.string(), at: z.string() }).nullable()

export const movePageSchema = z.object({
  sites: z.array(
    z.object({
      id: z.string(),
      hostname: z.string(),
      status: z.string(),
      trialEndsAt: z.object({ before: z.string(), after: z.string() }),
      nextStep: z.object({ before: step, after: step }),
      isDueAtOnce: z.boolean(),
    }),
  ),
  cursor: z.string().optional(),
})
export type MovePage = z.infer<typeof movePageSchema>
type ChangedSite = MovePage['sites'][number]

export interface MoveRequest extends z.infer<typeof moveSchema> {
  readonly dryRun: boolean
  readonly cursor?: string
}

export type AskMove = (request: MoveRequest) => Promise<MovePage>

interface PolicyMove extends z.infer<typeof moveSchema> {
  readonly ask: AskMove
  readonly print: (line: string) => void
  readonly isDryRun: boolean
  readonly isMeant: boolean
}

async function* everySite(ask: AskMove, request: Omit<MoveRequest, 'cursor'>): AsyncGenerator<ChangedSite> {
  let cursor: string | undefined
  do {
    const page = await ask({ ...request, ...(cursor === undefined ? {} : { cursor }) })
    yield* page.sites
    cursor = page.cursor
  } while (cursor !== undefined)
}

const stepText = (next: ChangedSite['nextStep']['before']): string =>
  next === null ? 'nothing' : `${next.step} ${next.at.slice(0, 16)}Z`

const siteText = ({ id, hostname, status, nextStep, isDueAtOnce }: ChangedSite): string =>
  `  ${id}  ${hostname}  ${status}: ${stepText(nextStep.before)} -> ${stepText(nextStep.after)}${isDueAtOnce ? '  (due at once)' : ''}`

const sitesText = (count: number): string => (count === 1 ? '1 site' : `${count} sites`)

/**
 * Shows what a move would change and, if confirmed, does it.
 * @returns whether it was done, or there is nothing to do.
 */
export const moveSites = async ({ ask, print, from, to, reason, isDryRun, isMeant }: PolicyMove): Promise<boolean> => {
  const request = { from, to, reason }
  const counts = { sites: 0, dueAtOnce: 0, earlier: 0, later: 0 }
  for await (const site of everySite(ask, { ...request, dryRun: true })) {
    const { before, after } = site.trialEndsAt
    counts.sites += 1
    if (site.isDueAtOnce) counts.dueAtOnce += 1
    if (after < before) counts.earlier += 1
    if (after > before) counts.later += 1
    print(siteText(site))
  }
  print(
    `${sitesText(counts.sites)} of version ${from}: the trial of ${counts.later} ends later and of ${counts.earlier} earlier; something is due at once for ${counts.dueAtOnce}.`,
  )
  if (counts.sites === 0 || isDryRun) return true
  if (!isMeant) {
    print(`Nothing was changed. Add --yes to move them to version ${to}.`)
    return false
  }
  let moved = 0
  for await (const _ of everySite(ask, { ...request, dryRun: false })) moved += 1
  print(`${sitesText(moved)} live under version ${to} now.`)
  return true
}

if (import.meta.main) {
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
}
