import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import type { Launch, OneOff, SiteCommands } from '../../../core/ports/runtime.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import { isEnvironment } from '../../../core/site/environment.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { maxShown, withoutTexts } from '../hand-over/hand-over-site.ts'
import { type EndedCommand, endWords } from '../run/run-command.ts'
import { noteProblem } from './build-changes.ts'
import { type BuildAttempt, contextOf, currentSite, type TaskPorts } from './provision-site.ts'

export type RunPorts = TaskPorts & { readonly runtime: SiteCommands }

/** Ends a build for a reason that its owner reads. */
export const failsBecause = async (
  ports: TaskPorts,
  site: BuildingSite,
  problem: string,
  attempt: BuildAttempt,
): Promise<never> => {
  if (isEnvironment(site)) await commitOrRepeat(ports, noteProblem(site, problem, contextOf(ports, attempt)))
  throw new SitewrightError('LaunchFailed', `${site.id}: ${problem}`)
}

/** What a command wrote at last, where its data is of nobody: that of a copy may be of customers. */
const outputOf = ({ operation }: BuildingSite, { secrets }: Launch, { lines }: EndedCommand): string => {
  const output = withoutTexts(lines.join('\n'), Object.values(secrets)).slice(-maxShown)
  return output === '' || operation.from !== undefined ? '' : ` Its last output: ${output}`
}

/**
 * Runs a command on the data of a site that is being built, or checks how it is getting on.
 * @param what it is called, at the beginning of a sentence.
 * @throws {SitewrightError} `SiteNotReady` while it runs; `LaunchFailed` if it fails.
 */
export const runInBuild = async (
  ports: RunPorts,
  site: BuildingSite,
  launch: Launch,
  { what, ...run }: OneOff & { readonly what: string },
  attempt: BuildAttempt,
): Promise<void> => {
  const state = await ports.runtime.runOnce(launch, run)
  if (state.state === 'running') {
    // The end of the build may have come before its start. A site that could not be read ends nothing.
    await currentSite(ports, attempt).catch(async (error: unknown) => {
      if (isErrorOfKind(error, 'OperationSuperseded', 'NotFound'))
        await ports.runtime.runOnce(launch, { ...run, seconds: 0 })
      throw error
    })
    throw new SitewrightError('SiteNotReady', `A command of ${site.id} still runs.`)
  }
  if (state.exitCode === 0) return
  const output = run.hidesOutput
    ? ' Its output is not kept, because it may have data of the copy. Run the command on data of your own to see it.'
    : outputOf(site, launch, state)
  await failsBecause(ports, site, `${what} ${endWords(state, run.seconds)}.${output}`, attempt)
}
