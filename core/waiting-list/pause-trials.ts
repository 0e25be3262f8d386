import { SitewrightError } from '../errors.ts'
import type { Actor } from '../events/event.ts'
import type { Clocks } from '../ports/context.ts'
import type { TrialControlStore } from '../ports/trials.ts'
import type { TrialControls } from './trial-controls.ts'

const attempts = 6

/**
 * Stops new trials, or lets them go on.
 * @throws {SitewrightError} `VersionConflict` where others go on saying something else.
 */
export const pauseTrials = async (
  { trialControls, clocks }: { readonly trialControls: TrialControlStore; readonly clocks: Clocks },
  said: { readonly isPaused: boolean; readonly reason: string; readonly actor: Actor },
): Promise<TrialControls> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = await trialControls.read()
    const next: TrialControls = { schemaVersion: 1, version: (before?.version ?? 0) + 1, at: clocks.wall(), ...said }
    if (await trialControls.write(next)) return next
  }
  throw new SitewrightError('VersionConflict', 'Somebody else is changing this at the moment. Try again.')
}
