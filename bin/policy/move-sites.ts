import * as z from 'zod'

export interface PolicyMove {
  readonly ask: AskMove
  readonly print: (line: string) => void
  readonly from: number
  readonly to: number
  readonly reason: string
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

export interface MoveRequest {
  readonly from: number
  readonly to: number
  readonly dryRun: boolean
  readonly reason: string
  readonly cursor?: string
}

export type AskMove = (request: MoveRequest) => Promise<MovePage>
