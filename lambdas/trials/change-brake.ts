import type { Actor } from '../../core/events/actor.ts'
import type { Instant } from '../../core/instant.ts'
import type { Clocks, Log } from '../../core/ports/context.ts'
import type { SiteTotals } from '../../core/ports/site-lists.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { unpurgedSites } from '../../core/site/site-facts.ts'
import {
  allowanceOf,
  type Brake,
  type BrakeAct,
  type BrakeState,
  type BrakeStore,
  type Pace,
  roomAt,
  spend,
} from './brake.ts'

interface BrakeChange {
  readonly next: Omit<BrakeState, 'schemaVersion' | 'version'>
  readonly act?: Pick<BrakeAct, 'act' | 'because' | 'detail'> & { readonly actor: Actor }
}

const fresh = (now: Instant): BrakeState => ({ schemaVersion: 1, version: 1, seenAt: now, begun: 0, spent: [] })

/**
 * Changes the brake's state; decides again if it is changed at the same time.
 * @param decide returns undefined if there is nothing to change.
 * @throws whatever `decide` throws, and {SitewrightError} `VersionConflict`.
 */
export const changeBrake = async (
  brakes: BrakeStore,
  now: Instant,
  decide: (state: BrakeState) => BrakeChange | undefined | Promise<BrakeChange | undefined>,
): Promise<BrakeState> =>
  retryOnConflict('The brake', async () => {
    const stored = await brakes.read()
    const state = stored ?? fresh(now)
    const change = await decide(state)
    if (change === undefined) return state
    const version = stored === undefined ? 1 : state.version + 1
    const next: BrakeState = { ...change.next, schemaVersion: 1, version }
    const act: BrakeAct | undefined = change.act && { ...change.act, schemaVersion: 1, version, at: now }
    return (await brakes.write(next, act)) ? next : conflict
  })

interface BrakePorts {
  readonly brakes: BrakeStore
  readonly clocks: Clocks
}

interface Decision {
  readonly actor: Actor
  readonly reason: string
}

/** Pulls the brake by hand. If it is on already, that is only noted. */
export const pullBrake = ({ brakes, clocks }: BrakePorts, { actor, reason }: Decision): Promise<BrakeState> => {
  const now = clocks.domain()
  return changeBrake(brakes, now, (state) => ({
    next: { ...state, tripped: state.tripped ?? { at: now, because: 'operator', detail: reason } },
    act: { act: 'tripped', because: 'operator', detail: reason, actor },
  }))
}

/** Releases the brake. The operator has checked the forecast and the clock, so both count as right. */
export const releaseBrake = ({ brakes, clocks }: BrakePorts, { actor, reason }: Decision): Promise<BrakeState> => {
  const now = clocks.domain()
  return changeBrake(brakes, now, ({ tripped, forecast: _, ...state }) =>
    tripped === undefined
      ? undefined
      : { next: { ...state, seenAt: now }, act: { act: 'released', because: tripped.because, detail: reason, actor } },
  )
}

/** Reads the brake each time it is asked, because somebody may just have pulled it. */
export const brakeFromStore = (brakes: Pick<BrakeStore, 'read'>): Brake => ({
  isOn: async () => (await brakes.read())?.tripped !== undefined,
})

/** Limits the rate of other removals; they share one count with the deadlines' steps. */
export const paceFromStore = ({
  brakes,
  totals,
  clocks,
  log,
}: {
  readonly brakes: BrakeStore
  readonly totals: Pick<SiteTotals, 'read'>
  readonly clocks: Clocks
  readonly log: Log
}): Pace => ({
  take: async (what) => {
    const now = clocks.domain()
    const allowance = allowanceOf(unpurgedSites(await totals.read()))
    let isTaken = false
    await changeBrake(brakes, now, (state) => {
      isTaken = state.tripped === undefined && roomAt(state.spent, now, allowance) > 0
      return isTaken ? { next: { ...state, spent: spend(state.spent, now, 1) } } : undefined
    })
    log.info({ event: 'removal-paced', what, isTaken }, 'a removal asked the rate limit for room')
    return isTaken
  },
})
