import { defaultCommandSeconds } from '../../../core/blueprint/handing-over.ts'
import { checkCommandsOf } from '../../../core/blueprint/release-checks.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { Launch, OneOff, OneOffState, SiteCommands } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { requireUnderWay } from '../../../core/site/change-site.ts'
import type { OperationAttempt, OperationOf } from '../../../core/site/operation.ts'

export type EndedCommand = Extract<OneOffState, { state: 'ended' }>

/** @param seconds how long it may take: as a rule it has, if nothing says how it ended. */
export const endWords = ({ exitCode }: EndedCommand, seconds?: number): string => {
  if (exitCode !== undefined) return `ended with exit code ${exitCode}`
  return `was ended before it was done${seconds === undefined ? '' : `: it may take ${seconds} seconds`}`
}

/** A command of an attempt that has several says which one it is. */
type AttemptCommand = Omit<OneOff, 'key'> & { readonly part?: string }

/** The command that runs before a new version starts, or starts again: its own, and then those of its checks. */
export const nextCommand = (
  { command, checking }: Pick<OperationOf<'upgrade'>, 'command' | 'checking'>,
  { blueprint: { release } }: Launch,
): AttemptCommand | undefined => {
  if (command === 'due' && release?.command !== undefined)
    return { command: release.command, environment: {}, seconds: release.commandSeconds ?? defaultCommandSeconds }
  const check = checking === undefined ? undefined : checkCommandsOf(release)[checking]
  return check && { ...check, part: `check-${checking}` }
}

const keyed = ({ part, ...run }: AttemptCommand, { operationId, fence }: OperationAttempt): OneOff => ({
  ...run,
  key: [operationId, fence, ...(part === undefined ? [] : [part])].join('-'),
})

export const endCommand = async (
  runtime: SiteCommands,
  attempt: OperationAttempt,
  launch: Launch,
  run: AttemptCommand,
): Promise<void> => {
  await runtime.runOnce(launch, keyed({ ...run, seconds: 0 }, attempt))
}

/**
 * Starts a command of an attempt, or checks how it is getting on.
 * @throws {SitewrightError} `SiteNotReady` while it runs; `OperationSuperseded`, after ending it: a stop of the site may have come
 *   before its start. Whatever a start throws.
 */
export const runCommand = async (
  { sites, runtime }: { readonly sites: Pick<SiteStore, 'get'>; readonly runtime: SiteCommands },
  attempt: OperationAttempt,
  launch: Launch,
  run: AttemptCommand,
): Promise<EndedCommand> => {
  const state = await runtime.runOnce(launch, keyed(run, attempt))
  if (state.state === 'ended') return state
  // If the site cannot be read, the command continues: one failed read must not interrupt a migration.
  const found = await sites.get(attempt.siteId)
  try {
    const site = requireUnderWay(found, attempt)
    if (site.status !== 'active') throw new SitewrightError('OperationSuperseded', `${site.id} is not active.`)
  } catch (error) {
    await endCommand(runtime, attempt, launch, run)
    throw error
  }
  throw new SitewrightError('SiteNotReady', `The command of ${attempt.operationId} still runs.`)
}
