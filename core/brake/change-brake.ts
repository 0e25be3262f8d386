import { SitewrightError } from '../errors.ts'
import type { Actor } from '../events/event.ts'
import type { Instant } from '../instant.ts'
import type { BrakeStore } from '../ports/brake.ts'
import type { BrakeAct, BrakeState } from './brake-state.ts'

const attempts = 6

export interface BrakeChange {
  readonly next: Omit<BrakeState, 'schemaVersion' | 'version'>
  readonly act?: Pick<BrakeAct, 'act' | 'because' | 'detail'> & { readonly actor: Actor }
}

/** A brake that nobody has looked at yet. */
const fresh = (now: Instant): BrakeState => ({ schemaVersion: 1, version: 1, seenAt: now, begun: 0, spent: [] })

/**
 * Changes the brake's state, also where it changes in this very moment: it is read and decided anew then.
 * @param decide undefined where there is nothing to change.
 * @returns the state as it is then.
 * @throws whatever `decide` throws, and {SitewrightError} `VersionConflict` where it goes on changing.
 */
export const changeBrake = async (
  brakes: BrakeStore,
  now: Instant,
  decide: (state: BrakeState) => BrakeChange | undefined | Promise<BrakeChange | undefined>,
): Promise<BrakeState> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await brakes.read()
    const state = stored ?? fresh(now)
    const change = await decide(state)
    if (change === undefined) return state
    const version = stored === undefined ? 1 : state.version + 1
    const next: BrakeState = { ...change.next, schemaVersion: 1, version }
    const act: BrakeAct | undefined = change.act && { ...change.act, schemaVersion: 1, version, at: now }
    if (await brakes.write(next, act)) return next
  }
  throw new SitewrightError('VersionConflict', 'The brake goes on changing. Try again.')
}
