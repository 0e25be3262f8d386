import { oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import { isErrorOfKind, SitewrightError } from '../../../core/errors.ts'
import type { Log } from '../../../core/ports/context.ts'
import type { OneOffState, SiteCommands } from '../../../core/ports/runtime.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { ownersCommand } from '../hand-over/hand-over-by-task.ts'
import { type LaunchPorts, launchOf } from '../run/prepare-launch.ts'
import { noteHandedOver } from './build-changes.ts'
import { type BuildAttempt, commit, contextOf, currentSite, type TaskPorts } from './provision-site.ts'
import { executionName } from './request-build.ts'

type HandOverFirstPorts = TaskPorts &
  LaunchPorts & {
    readonly accounts: Pick<AccountStore, 'getOwner'>
    readonly runtime: SiteCommands
    readonly log: Log
  }

/**
 * Runs the command that makes the administrator before the first start of a site that has its owner, where the blueprint says that it
 * needs no start before: the site need not be started twice. If it fails, the usual hand-over runs it again and reports that.
 * @throws {SitewrightError} `SiteNotReady` while it runs; `RuntimeUnavailable`.
 */
export const handOverFirst = async (ports: HandOverFirstPorts, attempt: BuildAttempt): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const { id, ownership, handOver, operation } = site
  const launch = await launchOf(ports, site)
  const task = launch.blueprint.handOver?.task
  if (ownership === undefined || handOver?.status !== 'pending' || task?.beforeStart === undefined) return
  const owner = await ports.accounts.getOwner(ownership.accountId)
  if (owner === undefined) return
  const command = ownersCommand(task, {
    OWNER_EMAIL: owner.email,
    OWNER_NAME: owner.name ?? '',
    SITE_URL: ports.siteUrl(ownership.hostname),
    ONE_TIME_PASSWORD: await ports.secrets.valueOf(id, oneTimePassword),
  })
  const failed = (error: unknown): OneOffState => {
    // The start says so too, and notes it.
    if (!isErrorOfKind(error, 'LaunchFailed') && !isErrorOfKind(error, 'BlueprintUnavailable')) throw error
    return { state: 'ended', lines: [] }
  }
  const state = await ports.runtime.runOnce(launch, { ...command, key: executionName(operation) }).catch(failed)
  if (state.state === 'running') throw new SitewrightError('SiteNotReady', `The command of ${id} still runs.`)
  if (state.exitCode === 0) return commit(ports, noteHandedOver(site, contextOf(ports, attempt)))
  ports.log.warn({ siteId: id, exitCode: state.exitCode }, 'a command before the first start failed')
}
