import * as z from 'zod'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { actorSchema } from '../../core/events/actor.ts'
import type { RolloutEvent } from '../../core/events/event.ts'
import { idSchema } from '../../core/ids.ts'
import type { Closure } from '../../core/ports/site-lists.ts'
import { causes } from '../../core/site/causes.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'

const instant = z.iso.datetime({ precision: 3 })
const count = z.int().nonnegative()

/** How many sites have the version when the wave ends, of all that the roll-out found. The rest follows the last wave. */
export const waveSchema = z.union([
  z.strictObject({ sites: z.int().positive() }),
  z.strictObject({ percent: z.number().positive().max(100) }),
])
export type Wave = z.infer<typeof waveSchema>

export const defaultWaves: readonly Wave[] = [{ sites: 1 }, { percent: 5 }, { percent: 25 }]
/** For a version that closes a hole. */
export const securityWaves: readonly Wave[] = [{ sites: 1 }, { percent: 25 }]

/** The most sites that may fail, and so the most that a record lists. */
export const maxFailures = 100

const chosenSchema = z.strictObject({
  siteId: idSchema('site'),
  at: instant,
  /** Set after a pause or an outage, which do not count for how long it may take to begin. */
  waitsFrom: instant.optional(),
  /** Set if it slept and is woken, so that the wave has evidence of such sites. */
  wakes: z.literal(true).optional(),
})
export type ChosenSite = z.infer<typeof chosenSchema>

/** Requests of a site up to the moment at which it got the version, in the hour of that moment. */
const sampleSchema = z.strictObject({
  siteId: idSchema('site'),
  at: instant,
  requests: count,
  errors: count,
  slow: count,
})
export type Sample = z.infer<typeof sampleSchema>

const walkSchema = z.strictObject({
  status: z.enum(['ready', 'building', 'archived', 'active', 'asleep', 'suspended']),
  /** Where the next page begins; absent at the first one of a status. */
  cursor: z.string().optional(),
  /** Sites of this pass that lack the version. A pass without any is the last one. */
  found: count,
  /** The plan that a pass is at, where some go first; from 0. */
  tier: count.optional(),
})
export type RolloutWalk = z.infer<typeof walkSchema>
export const nothingDone = { wave: 0, done: 0, skipped: 0, failed: [], accepted: 0, chosen: [], samples: [] }
export const freshWalk: RolloutWalk = { status: 'active', found: 0 }
export const freshCellWalk: RolloutWalk = { status: 'ready', found: 0 }

export const rolloutStates = [
  'running',
  'paused',
  'halted',
  /** The sites that have the version go back to their former one. */
  'going-back',
  'went-back',
  'aborted',
  'finished',
  /** Of a cell: one administrator says that it is lost, and another one has to agree. */
  'requested',
] as const

const everyRollout = {
  schemaVersion: z.literal(1),
  /** Raised by every change, which is written on condition of the version before. It counts on from roll-out to roll-out. */
  version: z.int().positive(),
  /** Its events so far: most changes are progress, and have none. */
  events: count,
  state: z.enum(rolloutStates),
  waves: z.array(waveSchema).max(10).readonly(),
  /** As asked; by default one in a hundred sites, and at least one. */
  failureBudget: count.optional(),
  reason: z.string(),
  startedBy: actorSchema(),
  startedAt: instant,
  endedAt: instant.optional(),
  /** Why it halted. */
  because: z.enum(['failures', 'bake-time']).optional(),
  /** Absent until the sites are counted. */
  total: count.optional(),
  /** From 0. Behind the last wave comes the rest. */
  wave: count,
  done: count,
  /** Sites that sleep and get the version when they wake: nothing proves it for them yet. One that fails then moves to `failed`. */
  assigned: count.optional(),
  /** Suspended, archived or deleted meanwhile. */
  skipped: count,
  failed: z
    .array(z.strictObject({ siteId: idSchema('site'), because: z.string(), cause: z.enum(causes).optional() }))
    .readonly(),
  /** Failures since then are not tried again: the start, or the last retry. */
  triesFrom: instant,
  /** Failures that an operator accepted by resuming. */
  accepted: count,
  /** Sites that get the version now. Recorded before they are begun, so that a crash loses none. */
  chosen: z.array(chosenSchema).readonly(),
  /** The sites that sleep and were woken: all so far, and how many the pass of this wave still wakes. */
  woken: z.strictObject({ sites: count, wave: count, left: count, cursor: z.string().optional() }).optional(),
  /** About when a run last looked at them. */
  checkedAt: instant.optional(),
  walk: walkSchema.optional(),
  /** Some sites of the wave, to compare their requests. */
  samples: z.array(sampleSchema).readonly(),
  bakingUntil: instant.optional(),
}

/** The last roll-out of a blueprint. */
export const rolloutSchema = z.strictObject({
  ...everyRollout,
  blueprint: z.string(),
  /** The blueprint's version that its sites get. */
  to: z.int().positive(),
  /** The highest version at the start, if it is higher: sites up to it go down. Later versions are left alone. */
  downFrom: z.int().positive().optional(),
  /** The version of the last roll-out that finished before this one, if it was another version. */
  finishedBefore: z.int().positive().optional(),
  /** A roll-out to its version has finished before, perhaps this one: the version is good, whatever happens to the sites that are left. */
  isRepeated: z.literal(true).optional(),
  /** Versions that new sites do not get, also of roll-outs before: roll-outs to them halted, or took sites down from them. */
  heldBack: z.array(z.int().positive()).readonly().optional(),
  isSecurity: z.boolean(),
})
export type Rollout = z.infer<typeof rolloutSchema>

/** Why a site stays in a cell that the others leave. */
export const holds = ['relocation', 'rehearsal', 'no-archive', 'no-room'] as const
export type Hold = (typeof holds)[number]

/** The last roll-out of a cell: its sites leave it. */
export const cellRolloutSchema = z.strictObject({
  ...everyRollout,
  cell: z.string(),
  /** `loss`: its sites are restored from their archives. */
  kind: z.enum(['drain', 'loss']),
  /** The sites that stay. */
  held: z.array(z.strictObject({ siteId: idSchema('site'), because: z.enum(holds) })).readonly(),
  /** From when the data is that the sites of a lost cell got. */
  restored: z.array(z.strictObject({ siteId: idSchema('site'), archiveAt: instant })).readonly(),
  /** An administrator says that the cell is lost. Another one has to agree. */
  lossRequest: z.strictObject({ operatorId: z.string(), at: instant, reason: z.string() }).optional(),
})
export type CellRollout = z.infer<typeof cellRolloutSchema>
export type AnyRollout = Rollout | CellRollout

export const isOfCell = (rollout: AnyRollout): rollout is CellRollout => 'cell' in rollout

/** Names the roll-out of a cell in events and in the API: the names of blueprints have no `:`. */
export const cellId = (cell: string): string => `cell:${cell}`

/** The cell of such a name. */
export const cellOf = (id: string): string | undefined => (id.startsWith('cell:') ? id.slice(5) : undefined)

export const idOf = (rollout: AnyRollout): string => (isOfCell(rollout) ? cellId(rollout.cell) : rollout.blueprint)

/** The most sites that the record of a cell's roll-out lists, of each kind. */
export const maxListed = 500

/** Whether a cell takes new sites, as its last roll-out says; null if it does. */
export const closureOf = ({ state, kind, held, failed }: CellRollout): Closure | null => {
  if (state === 'aborted' || state === 'requested') return null
  if (state !== 'finished') return kind === 'drain' ? 'draining' : 'lost'
  return held.length + failed.length === 0 ? 'empty' : 'closed'
}

/** Whether a cell was declared lost and its sites still leave it: nothing starts there. */
export const isLostCell = async (rollouts: Pick<RolloutStore, 'readOfCell'>, cell: string): Promise<boolean> => {
  const found = await rollouts.readOfCell(cell)
  return found !== undefined && closureOf(found) === 'lost'
}

/** Whether no other roll-out of the blueprint may start. */
export const isOpen = ({ state }: AnyRollout): boolean => ['running', 'paused', 'halted', 'going-back'].includes(state)

export const isAtWork = ({ state }: AnyRollout): boolean => state === 'running' || state === 'going-back'

export const lastFinished = ({ state, to, finishedBefore }: Rollout): number | undefined =>
  state === 'finished' ? to : finishedBefore

/**
 * Whether a site that has one version may not wake with another one that was assigned to it: its roll-out halted, was paused, or was ended by an
 * operator, before or after the next one began. What leads back to a former version stays.
 */
export const isWithdrawn = (
  rollout: Rollout | undefined,
  { from, to }: { readonly from: number; readonly to: number },
) => {
  if (rollout === undefined) return false
  if (rollout.to === to) return rollout.state !== 'running' && rollout.state !== 'finished'
  return to > from && (rollout.finishedBefore !== to || rollout.heldBack?.includes(to) === true)
}

export const budgetOf = ({ failureBudget, total = 0 }: AnyRollout): number =>
  failureBudget ?? Math.min(maxFailures, Math.max(1, Math.floor(total / 100)))

/** The failures with others. A record lists the latest ones, and the budget counts against these. */
export const withFailures = (
  { failed, accepted }: AnyRollout,
  added: Rollout['failed'],
): Pick<Rollout, 'failed' | 'accepted'> => {
  const all = [...failed, ...added]
  const dropped = Math.max(0, all.length - 2 * maxFailures)
  return { failed: all.slice(dropped), accepted: Math.max(0, accepted - dropped) }
}

export const isOverBudget = (rollout: AnyRollout): boolean =>
  rollout.failed.length - rollout.accepted > budgetOf(rollout)

/** Whether it failed at every site that it tried, and nobody accepted that: more sites would tell nothing new. */
export const hasOnlyFailed = ({ done, failed, accepted }: AnyRollout): boolean => done === 0 && failed.length > accepted

/** How many sites had their turn when the wave ends, besides those that were woken; infinite for the rest, and on the way back. */
export const limitOf = ({ state, wave, waves, total = 0, woken }: AnyRollout): number => {
  const present = state === 'going-back' ? undefined : waves[wave]
  if (present === undefined) return Number.POSITIVE_INFINITY
  return (woken?.sites ?? 0) + ('sites' in present ? present.sites : Math.ceil((total * present.percent) / 100))
}

/** Whether the wave has yet to wake sites that sleep. */
export const isWaking = (rollout: AnyRollout): rollout is Rollout => {
  const { state, wave, woken } = rollout
  return !isOfCell(rollout) && state === 'running' && (woken?.wave !== wave || woken.left > 0)
}

/** Sites that had their turn. */
export const takenOf = (rollout: AnyRollout): number => {
  const { done, assigned = 0, skipped, failed, chosen } = rollout
  return done + assigned + skipped + failed.length + chosen.length + (isOfCell(rollout) ? rollout.held.length : 0)
}

/** The last roll-out of each blueprint and of each cell. */
export interface RolloutStore {
  /** Strongly consistent. */
  readonly read: (blueprint: string) => Promise<Rollout | undefined>
  readonly readOfCell: (cell: string) => Promise<CellRollout | undefined>
  readonly list: () => Promise<readonly Rollout[]>
  readonly listAll: () => Promise<readonly AnyRollout[]>
  /**
   * Writes the record, and its event in the same transaction, on condition of the version before. That of a cell also closes or opens the cell.
   * @returns false on a conflict, or if an earlier attempt succeeded and lost its reply.
   */
  readonly write: (next: AnyRollout, event?: RolloutEvent) => Promise<boolean>
}

export interface CurrentBlueprintPorts {
  readonly blueprints: Pick<BlueprintReader, 'versions'>
  readonly rollouts: Pick<RolloutStore, 'read'>
}

/** Whether a roll-out to a version halted, or took sites down from it. */
export const isHeldBack = (version: number, rollout: Rollout | undefined): boolean =>
  rollout?.heldBack?.includes(version) === true

/** The newest of the versions, the oldest first, that roll-outs do not hold back. */
export const notHeldBack = (versions: readonly Blueprint[], rollout: Rollout | undefined): Blueprint | undefined =>
  versions.findLast(({ version }) => !isHeldBack(version, rollout))

/** The version that new sites get: the newest that roll-outs do not hold back. If there is none, the newest. */
export const currentBlueprint = async (
  { blueprints, rollouts }: CurrentBlueprintPorts,
  latest: Blueprint | undefined,
): Promise<Blueprint | undefined> => {
  if (latest === undefined) return undefined
  const rollout = await rollouts.read(latest.name)
  if (!isHeldBack(latest.version, rollout)) return latest
  return notHeldBack(await blueprints.versions(latest.name), rollout) ?? latest
}
