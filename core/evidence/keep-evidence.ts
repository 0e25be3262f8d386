import type { SiteId } from '../ids.ts'
import type { Clocks, Log } from '../ports/context.ts'
import type {
  AskingProbe,
  CheckProbe,
  HealthAnswer,
  Launch,
  Observation,
  ReleaseCheck,
  SiteObserver,
  SiteRuntime,
  SiteSecrets,
} from '../ports/runtime.ts'
import type { BlueprintReader, EvidenceStore, SiteStore } from '../ports/stores.ts'
import type { Endpoint } from '../site/location.ts'
import type { OperationAttempt } from '../site/operation.ts'
import { requireUnderWay } from '../site/operation-changes.ts'
import { blueprintOf, hiddenValues } from '../site/run/prepare-launch.ts'
import type { Site } from '../site/site.ts'
import type { Diagnosis } from './diagnose.ts'
import { diagnose, isTelling } from './diagnose.ts'
import type { FailureEvidence } from './evidence.ts'
import { answerWithout, boundedObservation, redacted } from './evidence.ts'

export interface KeepEvidencePorts {
  readonly blueprints: Pick<BlueprintReader, 'get' | 'standing'>
  readonly secrets: SiteSecrets
  readonly runtime: Pick<SiteRuntime, 'locate'> & Pick<SiteObserver, 'observe'>
  readonly probe: Pick<AskingProbe, 'ask'> & CheckProbe
  readonly evidence: Pick<EvidenceStore, 'keep'>
  readonly clocks: Clocks
  readonly log: Log
}

/** The first check of a version that a site does not meet. */
export const findUnmet = async (
  probe: CheckProbe,
  { blueprint: { release } }: Launch,
  endpoint: Endpoint,
): Promise<ReleaseCheck | undefined> => {
  for (const check of release?.checks ?? []) if (!(await probe.meets(endpoint, check))) return check
  return undefined
}

interface Sight {
  readonly seen: Observation | undefined
  readonly answer: HealthAnswer | undefined
  readonly unmet?: ReleaseCheck | undefined
}

const lookAt = async (
  { runtime, probe }: KeepEvidencePorts,
  siteId: SiteId,
  healthPath: string,
  launch: Launch | undefined,
): Promise<Sight> => {
  // An engine may fail to find what just ends.
  const endpoint = await runtime.locate(siteId, launch).catch(() => undefined)
  const [seen, answer, unmet] = await Promise.all([
    runtime.observe(siteId),
    endpoint === undefined ? undefined : probe.ask(endpoint, healthPath),
    endpoint === undefined || launch === undefined ? undefined : findUnmet(probe, launch, endpoint),
  ])
  return { seen, answer, unmet }
}

/** Errors of upgrades that end before the version starts. */
const withoutStart: Readonly<Record<string, string>> = {
  ArchivingFailed: 'Its data could not be copied, so the version was not started.',
  ArchiveDamaged: 'The copy of its data could not be restored, so the version was not started.',
}

const isSuccess = (answer: HealthAnswer | undefined): boolean =>
  answer !== undefined && 'status' in answer && answer.status >= 200 && answer.status < 300

const causeOf = (error: string, { seen, answer, unmet }: Sight, healthPath: string): Diagnosis => {
  const detail = withoutStart[error]
  if (detail !== undefined) return { cause: 'unknown', detail }
  if (unmet === undefined || !isSuccess(answer)) return diagnose(seen, answer, healthPath)
  const { path, status, contains } = unmet
  const text = contains === undefined ? '' : ' and the text that its blueprint names'
  return { cause: 'unknown', detail: `It is healthy, but ${path} does not answer with ${status}${text}.` }
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
  const secrets = await hiddenValues(ports.secrets, site.id, blueprint)
  const { seen, answer, unmet } = await lookAt(ports, site.id, healthPath, await launchOf?.())
  const observation = seen && boundedObservation(seen, secrets)
  const healthAnswer = answer && answerWithout(answer, secrets)
  const found = causeOf(failure.error, { seen: observation, answer: healthAnswer, unmet }, healthPath)
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
    ...(healthAnswer === undefined ? {} : { healthAnswer }),
    ...(observation === undefined ? {} : { observation }),
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
