import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { entryAfterUpgrade } from '../../../core/blueprint/handing-over.ts'
import { checkCommandsOf } from '../../../core/blueprint/release-checks.ts'
import { defined } from '../../../core/defined.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { Context } from '../../../core/ports/context.ts'
import {
  type AskingProbe,
  type CheckProbe,
  type HealthAnswer,
  isWell,
  type ReleaseCheck,
} from '../../../core/ports/probes.ts'
import type { BegunLaunch, Launch, Observation, SiteObserver, SiteRuntime } from '../../../core/ports/runtime.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { requireUnderWay } from '../../../core/site/change-site.ts'
import { gateOf } from '../../../core/site/hand-over.ts'
import { type Endpoint, placeOf, type SitePlace } from '../../../core/site/location.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import { ownershipOf, type Site } from '../../../core/site/site.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import type { SecretPorts } from '../../configuration/read-configuration.ts'
import { blueprintOf, hiddenValues, hidesOutput } from '../run/prepare-launch.ts'
import { type Diagnosis, diagnose, isTelling, maxEnds } from './diagnose.ts'
import { answerWithout, boundedObservation, type FailureEvidence, redacted } from './evidence.ts'
import type { EvidenceStore } from './ports.ts'

export interface KeepEvidencePorts extends SecretPorts, Pick<Context, 'clocks' | 'log'> {
  readonly blueprints: Pick<BlueprintReader, 'get' | 'status'>
  readonly runtime: Pick<SiteRuntime, 'locate'> & Pick<SiteObserver, 'observe'>
  readonly probe: Pick<AskingProbe, 'ask'> & CheckProbe
  readonly evidence: Pick<EvidenceStore, 'keep'>
}

/**
 * A program that ends again and again does not get the whole time of its start, in a build or in an upgrade.
 * @param of the launch that is meant, where a former one was there.
 * @throws {SitewrightError} `LaunchFailed`.
 */
export const requireLasting = async (
  { runtime }: { readonly runtime: Pick<SiteObserver, 'countEnds'> },
  place: SitePlace,
  of?: BegunLaunch,
): Promise<void> => {
  if ((await runtime.countEnds(place, of)) < maxEnds) return
  throw new SitewrightError('LaunchFailed', `${place.siteId} ended again and again after its start.`)
}

/** Whether the gate of a site is open because its product was handed over: a version that lost that has none to close it. */
const isOpened = (site: Site, blueprint: Blueprint): boolean =>
  site.handOver?.status === 'done' &&
  gateOf({ ...entryAfterUpgrade(site, blueprint), handOver: site.handOver }) === undefined

/** What a version must answer before visitors reach it. */
const checksOf = (site: Site, { blueprint }: Pick<Launch, 'blueprint'>): readonly ReleaseCheck[] => {
  const hostname = ownershipOf(site)?.hostname
  const strangersAt = isOpened(site, blueprint) ? hostname : undefined
  const requests = (blueprint.release?.checks ?? []).flatMap(({ path, command: _, seconds: __, ...check }) =>
    path === undefined ? [] : [{ path, ...check }],
  )
  const { publicPages } = blueprint
  return [...requests, ...(strangersAt ? [{ path: '/', status: 200, strangersAt, publicPages }] : [])]
}

export const findUnmet = async (
  probe: CheckProbe,
  site: Site,
  launch: Pick<Launch, 'blueprint'>,
  endpoint: Endpoint,
): Promise<ReleaseCheck | undefined> => {
  for (const check of checksOf(site, launch)) if (!(await probe.meets(endpoint, check))) return check
  return undefined
}

interface Sight {
  readonly seen: Observation | undefined
  readonly answer: HealthAnswer | undefined
  readonly unmet?: ReleaseCheck | undefined
}

const withoutLines = (seen: Observation): Observation => ({
  ...seen,
  containers: seen.containers.map((container) => ({ ...container, lines: [] })),
})

const inspectSite = async (
  { runtime, probe }: KeepEvidencePorts,
  site: Site,
  { traffic: { healthPath } }: Blueprint,
  launch: Launch | undefined,
  checked: Pick<Launch, 'blueprint'> | undefined = launch,
): Promise<Sight> => {
  // An engine may fail to find what just ends.
  const endpoint = await runtime.locate(launch ?? placeOf(site), launch).catch(() => undefined)
  const [seen, answer, unmet] = await Promise.all([
    runtime.observe(launch ?? placeOf(site)),
    endpoint === undefined ? undefined : probe.ask(endpoint, healthPath),
    endpoint === undefined || checked === undefined ? undefined : findUnmet(probe, site, checked, endpoint),
  ])
  return { seen: seen && hidesOutput(site) ? withoutLines(seen) : seen, answer, unmet }
}

/** The command of a version that failed, or that of a check that was running as an upgrade failed. */
const failedCommandOf = (site: Site, { release }: Blueprint, error: string): Diagnosis | undefined => {
  const operation = 'operation' in site ? site.operation : undefined
  const checking = operation && 'checking' in operation ? operation.checking : undefined
  if (error !== 'LaunchFailed') return undefined
  if (operation?.kind === 'upgrade' && operation.problem) return { cause: 'unknown', detail: operation.problem }
  if (checking === undefined) return undefined
  const command = checkCommandsOf(release)[checking]?.command
  if (command === undefined) return undefined
  return { cause: 'check', detail: `It was healthy, but the check by the command '${command[0] ?? ''}' failed.` }
}

/** Errors of upgrades that end before the version starts. */
const withoutStart: Readonly<Record<string, string>> = {
  ArchivingFailed: 'Its data could not be copied, so the version was not started.',
  ArchiveDamaged: 'The copy of its data could not be restored, so the version was not started.',
  BlueprintUnavailable: 'Its images could not be loaded, so the version was not started.',
}

const causeOf = (error: string, { seen, answer, unmet }: Sight, target: Blueprint['traffic']): Diagnosis => {
  const detail = withoutStart[error]
  if (detail !== undefined && seen?.refusal === undefined) return { cause: 'unknown', detail }
  if (unmet === undefined || !isWell(answer, target.healthStatus)) return diagnose(seen, answer, target)
  const { path, status, contains, notContains, strangersAt } = unmet
  if (strangersAt !== undefined) {
    const open = 'It is healthy, but strangers could set it up as if it were new, or nobody could ask.'
    return { cause: 'open', detail: open }
  }
  const wanted = contains === undefined ? '' : ' and the text that its blueprint names'
  const text = notContains === undefined ? wanted : `${wanted}, and without the text that must not be there`
  return { cause: 'check', detail: `It is healthy, but ${path} does not answer with ${status}${text}.` }
}

type Failure = Pick<FailureEvidence, 'id' | 'during' | 'error'>

const take = async (
  ports: KeepEvidencePorts,
  site: Site,
  failure: Failure,
  launchOf?: () => Promise<Launch>,
): Promise<Diagnosis | undefined> => {
  const { name, version } = site.blueprint
  const blueprint = await blueprintOf(ports.blueprints, site)
  const { healthPath } = blueprint.traffic
  const secrets = await hiddenValues(ports, site, blueprint)
  // What is built from an archive is checked, and nothing runs beside it.
  const isRestored = site.status === 'building' && site.operation.from !== undefined
  const sight = await inspectSite(ports, site, blueprint, await launchOf?.(), isRestored ? { blueprint } : undefined)
  const { seen, answer, unmet } = sight
  const observation = seen && boundedObservation(seen, secrets)
  const healthAnswer = answer && answerWithout(answer, secrets)
  const found =
    failedCommandOf(site, blueprint, failure.error) ??
    causeOf(failure.error, { seen: observation, answer: healthAnswer, unmet }, blueprint.traffic)
  if (failure.error === 'SiteNotReady' && !isTelling(found, { seen, answer })) return undefined
  const { cause, detail, isUnsure } = found
  await ports.evidence.keep({
    schemaVersion: 1,
    ...failure,
    siteId: site.id,
    at: ports.clocks.wall(),
    cause,
    detail: redacted(detail, secrets),
    blueprint: { name, version },
    healthPath,
    ...defined({ healthAnswer, observation }),
  })
  return { cause, detail, ...(isUnsure && { isUnsure }) }
}

/**
 * Stores what is known of a site that failed to start, before its remains are removed. Never throws: evidence that cannot be taken
 * stops no failure.
 * @param failure of a start that continues if its error is `SiteNotReady`: then only a cause that tells something is stored.
 * @param launchOf the launch that failed, where another one of the site may run beside it. Its checks are evidence too.
 * @returns the cause; undefined if it could not be found out.
 */
export const keepEvidence = async (
  ports: KeepEvidencePorts,
  site: Site,
  failure: Failure,
  launchOf?: () => Promise<Launch>,
): Promise<Diagnosis | undefined> => {
  try {
    return await take(ports, site, failure, launchOf)
  } catch (error) {
    ports.log.warn({ siteId: site.id, err: error }, 'the evidence of a failure could not be kept')
    return undefined
  }
}

/** Keeps what is known of a site whose restore or wake failed, before it is cleaned up. Records nothing of the site. */
export const keepEvidenceOfOperation = async (
  ports: KeepEvidencePorts & { readonly sites: Pick<SiteStore, 'get'> },
  attempt: OperationAttempt,
  error: string,
): Promise<void> => {
  const site = requireUnderWay(await ports.sites.get(attempt.siteId), attempt)
  const { kind } = site.operation
  if (kind !== 'restore' && kind !== 'wake') return
  await keepEvidence(ports, site, { id: `${attempt.operationId}-${attempt.fence}`, during: kind, error })
}
