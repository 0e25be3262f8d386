import type { BuildingSite, BuildStep } from '../site.ts'
import { buildSteps } from '../site.ts'

/** What an owner is told, by the name of the error that ended the build and, for a launch, by where it ended. */
const reasonFor = (errorName: string, step: BuildStep): string => {
  switch (errorName) {
    case 'LaunchFailed':
    case 'SiteNotReady':
      return step === 'ready' ? 'It was started, but did not come up in time.' : 'It could not be started.'
    case 'RuntimeUnavailable':
      return 'The machines that run sites could not be reached.'
    case 'BlueprintUnknown':
      return 'Its description could not be found.'
    default:
      return 'Something went wrong on our side.'
  }
}

/** Where a build stopped and why, in words for its owner. */
export const buildFailure = (site: BuildingSite, errorName: string): { step: BuildStep; reason: string } => {
  const step = buildSteps.find((candidate) => site.completedSteps.every(({ name }) => name !== candidate)) ?? 'open'
  return { step, reason: reasonFor(errorName, step) }
}
