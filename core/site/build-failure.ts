import type { BuildingSite, BuildStep } from './site.ts'
import { buildSteps } from './site.ts'

/** What an owner is told, by the name of the error that ended the build. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['LaunchFailed', 'It was started, but did not come up in time.'],
  ['SiteNotReady', 'It was started, but did not come up in time.'],
  ['RuntimeUnavailable', 'The machines that run sites could not be reached.'],
  ['BlueprintUnknown', 'Its description could not be found.'],
])

/** Where a build stopped and why, in words for its owner. */
export const buildFailure = (site: BuildingSite, errorName: string): { step: BuildStep; reason: string } => ({
  step: buildSteps.find((step) => site.completedSteps.every(({ name }) => name !== step)) ?? 'open',
  reason: reasons.get(errorName) ?? 'Something went wrong on our side.',
})
