import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import type { Log } from '../../../core/ports/context.ts'
import type { Launch, OneOffState, SiteCommands } from '../../../core/ports/runtime.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { ownersCommand, variablesOf } from '../hand-over/hand-over-by-task.ts'
import { type LaunchPorts, launchOf } from '../run/prepare-launch.ts'
import { noteHandedOver, noteSeeded } from './build-changes.ts'
import { type BuildAttempt, contextOf, currentSite, type TaskPorts } from './provision-site.ts'
import { executionName } from './request-build.ts'
import { type RunPorts, runInBuild } from './run-in-build.ts'

type HandOverFirstPorts = TaskPorts &
  LaunchPorts & { readonly accounts: Pick<AccountStore, 'getOwner'>; readonly runtime: SiteCommands; readonly log: Log }

/** In seconds: a dump takes longer than other commands. The state machine calls a task for half an hour. */
export const commandSeconds = 1500

/**
 * Runs the command that fills the empty data of an environment, if it has not.
 * @throws {SitewrightError} `SiteNotReady` while it runs; `LaunchFailed` if it fails.
 */
export const seed = async (
  ports: RunPorts,
  site: BuildingSite,
  launch: Launch,
  attempt: BuildAttempt,
): Promise<BuildingSite> => {
  const { seed: command, result } = site.environmentOf ?? {}
  if (command === undefined || site.operation.seeded) return site
  const run = { command, environment: {}, seconds: commandSeconds, key: `${executionName(site.operation)}-seed` }
  // It loads what was made of a copy.
  const hidden = result && { hidesOutput: true as const }
  await runInBuild(ports, site, launch, { ...run, ...hidden, what: 'The command that fills its data' }, attempt)
  const change = noteSeeded(site, contextOf(ports, attempt))
  await commitOrRepeat(ports, change)
  return change.after
}

/**
 * Runs the command that makes the administrator before the first start of a site that has its owner, where the blueprint says that it
 * needs no start before: the site need not be started twice. If it fails, the usual hand-over runs it again and reports that.
 * @throws {SitewrightError} `SiteNotReady` while it runs; `RuntimeUnavailable`.
 */
export const handOverFirst = async (ports: HandOverFirstPorts, attempt: BuildAttempt): Promise<void> => {
  const found = await currentSite(ports, attempt)
  const launch = await launchOf(ports, found)
  const site = await seed(ports, found, launch, attempt)
  const { id, ownership, handOver, operation } = site
  const task = launch.blueprint.handOver?.task
  if (ownership === undefined || handOver?.status !== 'pending' || task?.beforeStart === undefined) return
  const owner = await ports.accounts.getOwner(ownership.accountId)
  if (owner === undefined) return
  const command = ownersCommand(task, await variablesOf(ports, { ...site, ownership }, owner))
  const failed = (error: unknown): OneOffState => {
    // The start says so too, and notes it.
    if (!isErrorOfKind(error, 'LaunchFailed') && !isErrorOfKind(error, 'BlueprintUnavailable')) throw error
    return { state: 'ended', lines: [] }
  }
  const state = await ports.runtime.runOnce(launch, { ...command, key: executionName(operation) }).catch(failed)
  if (state.state === 'running') throw new SitewrightError('SiteNotReady', `The command of ${id} still runs.`)
  if (state.exitCode === 0) return commitOrRepeat(ports, noteHandedOver(site, contextOf(ports, attempt)))
  ports.log.warn({ siteId: id, exitCode: state.exitCode }, 'a command before the first start failed')
}
