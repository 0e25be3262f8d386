import * as z from 'zod'
import { type CallOperation, Refused } from '../command-line/operators-call.ts'
import { messageOf } from '../command-line/read-options.ts'

const rolloutSchema = z.object({
  /** Of a cell it has none. */
  blueprint: z.string().default(''),
  version: z.number().optional(),
  cell: z.string().optional(),
  kind: z.string().optional(),
  lossRequestedBy: z.string().nullish(),
  held: z.array(z.object({ siteId: z.string(), because: z.string() })).optional(),
  restored: z.array(z.object({ siteId: z.string(), archiveAt: z.string() })).optional(),
  state: z.string(),
  because: z.string().nullable(),
  waves: z.array(z.unknown()),
  wave: z.number(),
  sites: z.number().nullable(),
  done: z.number(),
  /** Absent where an older host answers. */
  assigned: z.number().default(0),
  skipped: z.number(),
  failed: z.array(z.object({ siteId: z.string(), because: z.string(), cause: z.string().optional() })),
  inProgress: z.array(z.string()),
  bakingUntil: z.string().nullable(),
})
type Rollout = z.infer<typeof rolloutSchema>

/** The answers about one roll-out, or several. */
export const rolloutsSchema = z.union([
  z
    .object({ rollouts: z.array(rolloutSchema), cells: z.array(rolloutSchema).default([]) })
    .transform(({ rollouts, cells }) => [...rollouts, ...cells]),
  rolloutSchema.transform((rollout) => [rollout]),
])

/** Why a site stays in a cell. */
const holds: Readonly<Record<string, string>> = {
  relocation: 'stays until its relocation has ended',
  rehearsal: 'is a rehearsal and ends by itself',
  'no-archive': 'has no archive and waits for the cell',
  'no-room': 'has more data than any other disk can take',
}

/** Whether another administrator has yet to agree that a cell is lost. */
const isLossRequested = ({ lossRequestedBy }: Rollout): boolean => typeof lossRequestedBy === 'string'

/** Whether sites that should have left a cell are still in it. */
const hasSitesLeft = ({ cell, held = [], failed }: Rollout): boolean =>
  cell !== undefined && held.length + failed.length > 0

/** A line about a roll-out, and one for each failed site, each that stays, and each that got an archive. */
export const rolloutLines = (rollout: Rollout): readonly string[] => {
  const { blueprint, version, cell, kind, lossRequestedBy, held = [], restored = [] } = rollout
  const { state, because, wave, waves, sites, done, assigned, skipped, failed, inProgress, bakingUntil } = rollout
  const place = wave > waves.length ? 'the rest' : `wave ${wave} of ${waves.length}`
  const facts = [
    `${cell === undefined ? `${blueprint} ${version}` : `${kind} of ${cell}`}: ${state}${because === null ? '' : ` (${because})`}`,
    place,
    `${done} of ${sites ?? '?'} sites`,
    ...(inProgress.length > 0 ? [`${inProgress.length} in progress`] : []),
    ...(assigned > 0 ? [`${assigned} at their next wake`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(held.length > 0 ? [`${held.length} held`] : []),
    ...(cell !== undefined && state === 'finished' && !hasSitesLeft(rollout) ? ['the cell is empty'] : []),
    ...(bakingUntil === null ? [] : [`watched until ${bakingUntil.slice(11, 19)}Z`]),
  ]
  return [
    facts.join(', '),
    ...(isLossRequested(rollout)
      ? [`  ${lossRequestedBy} has declared it lost; another administrator has to confirm it within a day`]
      : []),
    ...failed.map((one) => `  ${one.siteId}: ${one.because}${one.cause === undefined ? '' : ` (${one.cause})`}`),
    ...held.map(({ siteId, because }) => `  ${siteId}: ${holds[because] ?? because}`),
    ...restored.map(({ siteId, archiveAt }) => `  ${siteId}: has its data of ${archiveAt}`),
  ]
}

/** Whether it will not change any more by itself. */
const isAtRest = ({ state }: Rollout): boolean => state !== 'running' && state !== 'going-back'

const hasEndedAs = (end: string, rollout: Rollout): boolean =>
  rollout.state === end && (end !== 'finished' || !(hasSitesLeft(rollout) || isLossRequested(rollout)))

/** With a pause of a second after each, longer than a host needs to restart. */
const maxFailedReads = 120

/** What is printed of roll-outs. */
export const allLines = (rollouts: readonly Rollout[]): readonly string[] =>
  rollouts.length === 0 ? ['There was no roll-out.'] : rollouts.flatMap(rolloutLines)

interface WatchOptions {
  readonly end?: string
  readonly read: () => Promise<readonly Rollout[]>
  readonly print: (line: string) => void
  readonly pause: () => Promise<void>
}

/**
 * Prints each change of the roll-outs until all are at rest. A read may fail while the host restarts.
 * @param end the state in which they should come to rest.
 * @returns whether all of them did. One that finished with sites left in its cell did not, nor one whose cell may be declared lost.
 * @throws {Error} if reads fail for two minutes.
 */
export const watchRollouts = async ({ read, print, pause, end = 'finished' }: WatchOptions): Promise<boolean> => {
  let shown = ''
  let failures = 0
  for (;;) {
    const rollouts = await read().catch((error: unknown) => {
      failures += 1
      if (failures > maxFailedReads || error instanceof Refused) throw error
      if (failures === 1) print(`${messageOf(error).replace(/\.$/, '')}; trying again`)
      return undefined
    })
    if (rollouts === undefined) {
      await pause()
      continue
    }
    failures = 0
    const lines = allLines(rollouts)
    if (lines.join() !== shown) for (const line of lines) print(line)
    shown = lines.join()
    if (rollouts.every(isAtRest)) return rollouts.every((one) => hasEndedAs(end, one))
    await pause()
  }
}

const siteSchema = z.object({
  id: z.string(),
  releaseCopy: z.object({ id: z.string(), at: z.string(), version: z.number() }).nullable(),
})

/**
 * Restores the data of a site from before an upgrade. Without the id of the copy, it only says which one the site has: a repeated command
 * restores nothing else.
 * @returns what it did, in a line.
 * @throws {Error} with the API's message.
 */
export const restoreSite = async (
  call: CallOperation,
  { site, copy, reason }: { readonly site: string; readonly copy: string | undefined; readonly reason: string },
): Promise<string> => {
  if (copy !== undefined) {
    const body = { archiveId: copy, reason }
    const { id } = await call(`sites/${site}/restore-release-copy`, siteSchema, body)
    return `${id}: the restore of ${copy} has begun.`
  }
  const { id, releaseCopy } = await call(`sites/${site}`, siteSchema)
  if (releaseCopy === null) return `${id} has no copy from before an upgrade.`
  return `${id}: --copy ${releaseCopy.id} restores version ${releaseCopy.version} with the data of ${releaseCopy.at}.`
}
