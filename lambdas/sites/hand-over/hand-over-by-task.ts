import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { defaultCommandSeconds, oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import { interpolate, type ownerVariables } from '../../../core/blueprint/interpolate.ts'
import { isErrorOfKind } from '../../../core/errors.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { OneOff, SiteCommands, SiteRuntime } from '../../../core/ports/runtime.ts'
import { attemptContext, commitOrRepeat, type ReclaimPorts } from '../../../core/site/change-site.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import type { Person } from '../../accounts/account.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { generatedFor, type SecretPorts, type SecretsOf } from '../../configuration/read-configuration.ts'
import { type LaunchPorts, launchOf } from '../run/prepare-launch.ts'
import { type EndedCommand, endWords, runCommand } from '../run/run-command.ts'
import { type HandedOverSite, pauseForCommand } from './hand-over-changes.ts'
import { commitEnd, failed, maxShown, requireHandingOver, withoutTexts } from './hand-over-site.ts'

interface HandOverByTaskPorts extends ReclaimPorts, LaunchPorts, Pick<Context, 'pause' | 'routerMemoryMilliseconds'> {
  readonly accounts: Pick<AccountStore, 'getOwner'>
  readonly runtime: SiteCommands & Pick<SiteRuntime, 'startBeside'>
}

type Task = NonNullable<NonNullable<Blueprint['handOver']>['task']>
type OwnerVariables = Readonly<Record<(typeof ownerVariables)[number], string>>

export const variablesOf = async (
  ports: SecretPorts & Pick<LaunchPorts, 'siteUrl'>,
  site: SecretsOf & Pick<HandedOverSite, 'ownership'>,
  { email, name = '' }: Person,
): Promise<OwnerVariables> => ({
  OWNER_EMAIL: email,
  OWNER_NAME: name,
  SITE_URL: ports.siteUrl(site.ownership.hostname),
  ONE_TIME_PASSWORD: (await generatedFor(ports, site, [oneTimePassword])).get(oneTimePassword) ?? '',
})

export const ownersCommand = (
  { command, process, environment = {}, seconds = defaultCommandSeconds }: Task,
  variables: OwnerVariables,
): Omit<OneOff, 'key'> => ({
  command,
  ...(process && { processCommand: process.command }),
  environment: Object.fromEntries(
    Object.entries(environment).map(([name, text]) => [name, interpolate(text, variables)] as const),
  ),
  seconds,
})

/** For the owner. */
const reasonOf = (ended: EndedCommand, hidden: readonly string[]): string => {
  const output = withoutTexts(ended.lines.join('\n'), hidden).slice(-maxShown)
  return `The command that makes the administrator ${endWords(ended)}.${output === '' ? '' : ` Its last output: ${output}`}`
}

const pauseIfAlone = async (
  ports: HandOverByTaskPorts,
  site: HandedOverSite,
  isAlone: boolean,
  attempt: OperationAttempt,
): Promise<HandedOverSite> => {
  if (!isAlone || site.operation.pausedAt !== undefined) return site
  const change = pauseForCommand(site, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  await ports.pause(ports.routerMemoryMilliseconds)
  return change.after
}

/**
 * Runs the product's own command that makes the owner its administrator, and opens the gate once it succeeded. A site that it
 * stopped is started again by the end of its operation.
 * @throws {SitewrightError} `SiteNotReady` while it runs; whatever a start throws.
 */
export const handOverByTask = async (ports: HandOverByTaskPorts, attempt: OperationAttempt): Promise<void> => {
  const found = requireHandingOver(await ports.sites.get(attempt.siteId), attempt)
  const launch = await launchOf(ports, found)
  const task = launch.blueprint.handOver?.task
  const done = { status: 'done', at: ports.clocks.domain() } as const
  if (task === undefined) return commitEnd(ports, found, done, attempt)
  const owner = await ports.accounts.getOwner(found.ownership.accountId)
  if (owner === undefined) return commitEnd(ports, found, failed(ports, 'The site has no owner any more.'), attempt)
  const isAlone = launch.blueprint.data.mode === 'exclusive' || ports.runtime.startBeside === undefined
  const site = await pauseIfAlone(ports, found, isAlone, attempt)
  const variables = await variablesOf(ports, site, owner)
  const { SITE_URL: _, ...ofOwner } = variables
  const hidden = [...Object.values(ofOwner), ...Object.values(launch.secrets)]
  try {
    const ended = await runCommand(ports, attempt, launch, ownersCommand(task, variables))
    if (ended.exitCode === 0) return await commitEnd(ports, site, done, attempt)
    await commitEnd(ports, site, failed(ports, reasonOf(ended, hidden)), attempt)
  } catch (error) {
    if (!isErrorOfKind(error, 'LaunchFailed')) throw error
    // The words of the platform are for operators.
    const said = withoutTexts(error.message, hidden)
    ports.log.error({ siteId: site.id, said }, 'a hand-over could not start its command')
    const reason = 'The command that makes the administrator could not be started.'
    await commitEnd(ports, site, failed(ports, reason), attempt)
  }
}
