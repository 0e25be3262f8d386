import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { checkCommandsOf } from '../../../core/blueprint/release-checks.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { PlanCatalogue } from '../../../core/plan/plan.ts'
import type { Archiver } from '../../../core/ports/archives.ts'
import type { CheckProbe } from '../../../core/ports/probes.ts'
import type { Launch, OneOff, SiteCommands, SiteRuntime } from '../../../core/ports/runtime.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import { isEnvironment, limitsOf, tooLarge } from '../../../core/site/environment.ts'
import type { ChangeContext, SiteChange } from '../../../core/site/lifecycle.ts'
import { homeOf } from '../../../core/site/location.ts'
import type { StepDurations } from '../../../core/site/rehearsal.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { requireDone } from '../../endings/copy/run-archive-job.ts'
import { findUnmet } from '../evidence/keep-evidence.ts'
import { type LaunchPorts, launchOf } from '../run/prepare-launch.ts'
import { nextCommand } from '../run/run-command.ts'
import { resultDirectory, withResultAt } from './anonymise-copy.ts'
import { noted, timeLaunch } from './build-changes.ts'
import { isReady, type ReadyPorts, requireInTime } from './check-ready.ts'
import { seed } from './hand-over-first.ts'
import { type BuildAttempt, contextOf, currentSite, type TaskPorts } from './provision-site.ts'
import { executionName } from './request-build.ts'
import { failsBecause, runInBuild } from './run-in-build.ts'

type Operation = BuildingSite['operation']

const dueCommand = ({ operation }: BuildingSite, launch: Launch): OneOff | undefined => {
  const next = nextCommand(operation, launch)
  if (next === undefined) return undefined
  const { part, ...run } = next
  return { ...run, key: [executionName(operation), ...(part === undefined ? [] : [part])].join('-') }
}

const withOperation = (
  site: BuildingSite,
  step: string,
  operation: Partial<Operation>,
  context: ChangeContext,
): SiteChange<BuildingSite> => noted(site, step, { operation: { ...site.operation, ...operation } }, context)

export type ChosenArchive = Pick<Archive, 'id'> & Partial<Pick<Archive, 'blueprint'>>

export const chooseArchive = (
  site: BuildingSite,
  { id: archiveId, blueprint: writtenBy }: ChosenArchive,
  context: ChangeContext,
): SiteChange<BuildingSite> => {
  const { operation, rehearsalOf } = site
  if (operation.from === undefined) throw new Error(`${site.id} is not built from an archive`)
  const chosen = { ...operation, from: { ...operation.from, archiveId }, stepAt: context.clocks.wall() }
  const rehearsed = rehearsalOf && { rehearsalOf: { ...rehearsalOf, archiveId, ...(writtenBy && { writtenBy }) } }
  return noted(site, 'archive', { operation: chosen, ...rehearsed }, context)
}

/** Records how long a step took. The next one is timed from its end. */
const timeStep = (
  site: BuildingSite,
  step: keyof StepDurations,
  context: ChangeContext,
  operation: Partial<Operation> = {},
): SiteChange<BuildingSite> => {
  const now = context.clocks.wall()
  const { stepAt = site.operation.startedAt, durations } = site.operation
  const milliseconds = Math.max(0, Date.parse(now) - Date.parse(stepAt)) + (durations?.[step] ?? 0)
  const timed = { ...operation, stepAt: now, durations: { ...durations, [step]: milliseconds } }
  return withOperation(site, step, timed, context)
}

const isTimed = ({ operation }: BuildingSite, step: keyof StepDurations): boolean =>
  operation.durations?.[step] !== undefined

/** @throws {SitewrightError} `LaunchFailed` if the data of an environment is larger than its plan allows. */
const requireRoom = async (
  ports: TaskPorts & { readonly plans: PlanCatalogue },
  site: BuildingSite,
  { dataBytes = 0 }: { readonly dataBytes?: number | undefined },
  attempt: BuildAttempt,
): Promise<void> => {
  if (!isEnvironment(site)) return
  const problem = tooLarge(dataBytes, limitsOf(site, ports.plans.find(site.plan)).storageMiB)
  if (problem !== undefined) await failsBecause(ports, site, problem, attempt)
}

/** Restores the archive of another site into the new site's directory, and verifies it. */
export const restoreArchive = async (
  ports: TaskPorts & { readonly archiver: Archiver; readonly plans: PlanCatalogue },
  attempt: BuildAttempt,
): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const { from } = site.operation
  if (from?.archiveId === undefined) {
    throw new SitewrightError('OperationSuperseded', `${site.id} has no archive to be built from.`)
  }
  // What was anonymised is restored into another directory than the copy.
  const id = [executionName(site.operation), 'restore', ...(from.siteId === site.id ? ['result'] : [])].join('-')
  const { siteId, archiveId } = from
  const { anonymise, result } = site.environmentOf ?? {}
  const makes = anonymise && result && resultDirectory(result)
  const done = await requireDone(ports.archiver, {
    ...{ kind: 'restore', id, siteId, home: homeOf(site), archiveId },
    ...(makes && { makes }),
  })
  if (anonymise === undefined) await requireRoom(ports, site, done, attempt)
  if (isTimed(site, 'restore')) return
  await commitOrRepeat(ports, timeStep(site, 'restore', contextOf(ports, attempt)))
}

/** Runs the commands of the version that are due. @throws {SitewrightError} `SiteNotReady` while one runs, `LaunchFailed` if one fails. */
const runDueCommands = async (
  ports: TaskPorts & { readonly runtime: SiteCommands },
  found: BuildingSite,
  launch: Launch,
  attempt: BuildAttempt,
): Promise<BuildingSite> => {
  let site = found
  for (let run = dueCommand(site, launch); run !== undefined; run = dueCommand(site, launch)) {
    const { checking } = site.operation
    const what = checking === undefined ? 'The release command' : 'The command of a check'
    await runInBuild(ports, site, launch, { ...run, what }, attempt)
    const [step, done] =
      checking === undefined
        ? (['command', { command: 'done' }] as const)
        : (['checks', { checking: checking + 1 }] as const)
    const change = timeStep(site, step, contextOf(ports, attempt), { ...done, launchedAt: undefined })
    await commitOrRepeat(ports, change)
    site = change.after
  }
  return site
}

/** @throws {SitewrightError} `SiteNotReady` while the site may still answer as its version should, then `LaunchFailed`. */
const requireChecks = async (
  ports: ReadyPorts & { readonly probe: CheckProbe },
  site: BuildingSite,
  launch: Launch,
  attempt: BuildAttempt,
): Promise<void> => {
  const { endpoint } = site
  const unmet = endpoint && (await findUnmet(ports.probe, site, launch, endpoint))
  if (endpoint !== undefined && unmet === undefined) return
  await requireInTime(ports, site, launch.blueprint.traffic, attempt)
  throw new SitewrightError('SiteNotReady', `${site.id} does not answer ${unmet?.path ?? ''} as it should.`)
}

/**
 * Does with restored data what an upgrade does: runs the version's command, starts it, asks whether it is healthy, and then for what its
 * checks say.
 * @throws {SitewrightError} `SiteNotReady` until all of that has passed, `LaunchFailed` if it fails or takes too long.
 */
export const proveRestored = async (
  ports: ReadyPorts & LaunchPorts & { runtime: SiteCommands & Pick<SiteRuntime, 'start'>; probe: CheckProbe },
  attempt: BuildAttempt,
): Promise<void> => {
  const context = contextOf(ports, attempt)
  const found = await currentSite(ports, attempt)
  const launch = await launchOf(ports, found)
  const loaded = await seed(ports, found, withResultAt(launch, ''), attempt)
  const ran = await runDueCommands(ports, loaded, launch, attempt)
  await ports.runtime.start(launch)
  if (ran.operation.launchedAt === undefined) await commitOrRepeat(ports, timeLaunch(ran, context, launch.size))
  if (!(await isReady(ports, await currentSite(ports, attempt), attempt))) {
    throw new SitewrightError('SiteNotReady', `${found.id} does not answer yet.`)
  }
  const site = await currentSite(ports, attempt)
  if (!isTimed(site, 'start')) return again(ports, timeStep(site, 'start', context))
  await requireChecks(ports, site, launch, attempt)
  const hasCommands = checkCommandsOf(launch.blueprint.release).length > 0
  if (hasCommands && site.operation.checking === undefined) {
    return again(ports, withOperation(site, 'checks', { checking: 0 }, context))
  }
  await commitOrRepeat(ports, timeStep(site, 'checks', context))
}

/** The next check does the rest. */
const again = async (ports: TaskPorts, change: SiteChange<BuildingSite>): Promise<never> => {
  await commitOrRepeat(ports, change)
  throw new SitewrightError('SiteNotReady', `${change.after.id} is not proved yet.`)
}

/** Whether the command of a version has to run on data of another one: as in an upgrade, not for a lower version. */
export const runsCommand = (blueprint: Blueprint, data: { readonly name: string; readonly version: number }): boolean =>
  blueprint.release?.command !== undefined && (blueprint.name !== data.name || blueprint.version > data.version)
