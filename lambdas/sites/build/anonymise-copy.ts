import { SitewrightError } from '../../../core/errors.ts'
import type { ArchiveId } from '../../../core/ids.ts'
import type { Archiver } from '../../../core/ports/archives.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { commitOrRepeat } from '../../../core/site/change-site.ts'
import type { ChangeContext, SiteChange } from '../../../core/site/lifecycle.ts'
import { homeOf, nextGeneration } from '../../../core/site/location.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { requireDone } from '../../endings/copy/run-archive-job.ts'
import { copiedFrom, type LaunchPorts, launchOf, secretsOfSource } from '../run/prepare-launch.ts'
import { noted } from './build-changes.ts'
import { commandSeconds } from './hand-over-first.ts'
import { type BuildAttempt, contextOf, currentSite, type TaskPorts } from './provision-site.ts'
import { executionName, startBuild } from './request-build.ts'
import { failsBecause, type RunPorts, runInBuild } from './run-in-build.ts'

/** Nothing in the data of a site is called so. */
export const resultDirectory = (result: ArchiveId): string => `.${result}`

/** A launch whose traffic container knows where the result of anonymising is. @param below the data directory; empty for that itself. */
export const withResultAt = (launch: Launch, below: string): Launch => {
  const { blueprint } = launch
  const RESULT_DIRECTORY = `$\{DATA_DIRECTORY}${below === '' ? '' : `/${below}`}`
  const containers = blueprint.containers.map((container) =>
    container.name === blueprint.traffic.container
      ? { ...container, environment: { ...container.environment, RESULT_DIRECTORY } }
      : container,
  )
  return { ...launch, blueprint: { ...blueprint, containers } }
}

/**
 * Runs the command that anonymises the restored copy: with the secrets of the site that the copy is of, and without a way out where the
 * platform has networks. It may write what becomes the data of the environment.
 * @throws {SitewrightError} `SiteNotReady` while it runs; `LaunchFailed` if it fails.
 */
export const anonymiseCopy = async (ports: RunPorts & LaunchPorts, attempt: BuildAttempt): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const source = copiedFrom(site)
  const { anonymise, result } = site.environmentOf ?? {}
  // An earlier attempt lost its reply.
  if (source === undefined || anonymise === undefined || result === undefined || anonymise.taken) return
  const launch = withResultAt(await launchOf(ports, site), resultDirectory(result))
  const blueprint = { ...launch.blueprint, outbound: 'none' as const }
  const run = {
    command: anonymise.command,
    environment: {},
    secrets: await secretsOfSource(ports, source, blueprint),
    seconds: commandSeconds,
    hidesOutput: true as const,
    key: `${executionName(site.operation)}-anonymise`,
    what: 'The command of `anonymise`',
  }
  await runInBuild(ports, site, { ...launch, blueprint }, run, attempt)
}

/** Records that what a command wrote of a copy is kept, so that the copy may go. */
const noteTaken = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> => {
  const { anonymise } = site.environmentOf ?? {}
  if (site.environmentOf === undefined || anonymise === undefined) throw new Error(`${site.id} anonymises no copy`)
  return noted(
    site,
    'archive',
    { environmentOf: { ...site.environmentOf, anonymise: { ...anonymise, taken: true } } },
    context,
  )
}

/** Keeps what the command wrote. @throws {SitewrightError} `ArchiveNotReady`; `LaunchFailed` if it wrote nothing; `ArchivingFailed`. */
export const takeResult = async (ports: TaskPorts & { archiver: Archiver }, attempt: BuildAttempt): Promise<void> => {
  const site = await currentSite(ports, attempt)
  const { anonymise, result: archiveId } = site.environmentOf ?? {}
  if (anonymise === undefined || anonymise.taken) return
  if (archiveId === undefined) throw new SitewrightError('LaunchFailed', `${site.id} has no place for a result.`)
  const { blueprint, operation } = site
  const { files } = await requireDone(ports.archiver, {
    ...{ kind: 'copy', id: `${executionName(operation)}-result`, siteId: site.id, home: homeOf(site) },
    ...{ archiveId, blueprint, at: operation.startedAt, below: resultDirectory(archiveId) },
  })
  if (files === 0) {
    return failsBecause(ports, site, 'The command of `anonymise` wrote nothing into RESULT_DIRECTORY.', attempt)
  }
  await commitOrRepeat(ports, noteTaken(site, contextOf(ports, attempt)))
}

/** Records that a copy was anonymised and destroyed: what was written of it is restored into a directory of its own, and loaded. */
const noteAnonymised = (site: BuildingSite, context: ChangeContext): SiteChange<BuildingSite> => {
  const { anonymise, result: archiveId } = site.environmentOf ?? {}
  if (site.environmentOf === undefined || anonymise === undefined || archiveId === undefined) {
    throw new Error(`${site.id} is no anonymised environment`)
  }
  const { anonymise: _, ...environmentOf } = site.environmentOf
  const changed = {
    generation: nextGeneration(site),
    environmentOf: { ...environmentOf, seed: anonymise.load },
    operation: { ...site.operation, from: { siteId: site.id, archiveId } },
  }
  return noted(site, 'archive', changed, context)
}

/** Destroys the copy once its result is kept. @throws {SitewrightError} `ArchiveNotReady`; `ArchivingFailed`. */
export const destroyCopy = async (ports: TaskPorts & { archiver: Archiver }, attempt: BuildAttempt): Promise<void> => {
  const site = await currentSite(ports, attempt)
  if (!site.environmentOf?.anonymise?.taken) return
  const id = `${executionName(site.operation)}-destroy`
  await requireDone(ports.archiver, { kind: 'release', id, siteId: site.id, home: homeOf(site) })
  await commitOrRepeat(ports, noteAnonymised(site, contextOf(ports, attempt)))
}

/** Starts the build from what was kept. Repeating it starts nothing more. */
export const beginBuild = async (ports: TaskPorts & { workflows: Workflows }, attempt: BuildAttempt): Promise<void> =>
  startBuild(ports.workflows, await currentSite(ports, attempt))
