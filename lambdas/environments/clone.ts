import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { oneTimePassword } from '../../core/blueprint/handing-over.ts'
import { production as productionName, type SiteFile } from '../../core/blueprint/site-file.ts'
import { refuse, refuseField, SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Clocks, Randomness } from '../../core/ports/context.ts'
import { type Archive, newestArchive, sizeOfData } from '../../core/site/archive.ts'
import { type EnvironmentOf, hasProductionData, tooLarge } from '../../core/site/environment.ts'
import { type BlueprintReference, isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { type Configuration, type ConfiguredValues, noValues } from '../configuration/configuration.ts'
import type { SiteRequest } from '../sites/build/request-build.ts'

export interface DataRequest {
  readonly data?: 'empty' | 'seed' | 'anonymised' | 'copy' | undefined
  /** The newest copy of then or before; the newest of all by default. */
  readonly at?: Instant | undefined
  /** Whether a copy is taken first, for which the source pauses. */
  readonly fresh?: boolean | undefined
  readonly reason?: string | undefined
}

export interface Clone extends Pick<SiteRequest, 'from' | 'reason'> {
  /** The version that wrote the data. */
  readonly writtenBy: BlueprintReference
  readonly environmentOf: Partial<EnvironmentOf>
  /** The values that it has of its source: all those of a vendor's product, otherwise those that its data depends on. */
  readonly kept: ConfiguredValues
}

/** @throws {SitewrightError} `InvalidRequest`. */
export const wrong = (path: string, problem: string): never =>
  refuseField(path, problem, `The environment cannot be made: \`${path}\`: ${problem}.`)

/** How people call a site among the environments. */
const nameOfSource = (source: Site): string => source.environmentOf?.name ?? productionName

const chosenArchive = (
  source: LiveSite,
  times: { readonly at: Instant | undefined; readonly now: Instant },
): Archive => {
  const { at } = times
  const known = source.archives.filter(
    ({ blueprint, at: takenAt }) => blueprint.name === source.blueprint.name && (at ?? takenAt) >= takenAt,
  )
  const found = newestArchive(known, times)
  if (found !== undefined) return found
  const when = at === undefined ? '' : ` of ${at} or before`
  return refuse(
    `There is no copy of '${nameOfSource(source)}'${when}. Take one with --fresh (\`"fresh": true\`): the site pauses for it.`,
  )
}

/** @throws {SitewrightError} `Forbidden`, `InvalidRequest`. */
const requirePermission = (source: Site, { reason }: DataRequest, isOwner: boolean): void => {
  if (!hasProductionData(source)) return
  if (!isOwner) {
    throw new SitewrightError('Forbidden', "Only owners may copy production's data. Use `data: anonymised`.")
  }
  if (reason === undefined) wrong('reason', "say why production's data is copied: it is kept in the history")
}

interface Sources {
  readonly source: Site
  /** The file of its version; undefined for a vendor's product. */
  readonly file: SiteFile | undefined
  readonly blueprint: Blueprint
  readonly plan: Plan
  /** The values that are set for the source. */
  readonly set: Configuration | undefined
  /** Whether who asks is an owner of the account. */
  readonly isOwner: boolean
}

const keptOf = ({ source, file, blueprint, set }: Sources) => {
  const isKept = (name: string) => file === undefined || file.dataSecrets?.includes(name) === true
  const secrets = Object.entries(set?.secrets ?? {})
    .filter(([name]) => isKept(name))
    .map(([name, { of = source.id, ...secret }]) => [name, { ...secret, of }] as const)
  const known = source.environmentOf?.dataSecrets ?? {}
  const generated = [...blueprint.containers.flatMap((container) => container.secrets), oneTimePassword]
    .filter(isKept)
    .map((name) => [name, known[name] ?? source.id] as const)
  return {
    kept: { variables: file === undefined ? (set?.variables ?? {}) : {}, secrets: Object.fromEntries(secrets) },
    dataSecrets: Object.fromEntries(generated),
  }
}

const anonymised = ({ source, file }: Sources, { randomness }: { readonly randomness: Randomness }) => {
  const { command, load } =
    file?.anonymise ?? wrong('data', "'anonymised' needs `anonymise` in the file of the version")
  const { configuration } = source
  const { dataSecrets } = source.environmentOf ?? {}
  const secrets = { ...(configuration && { configuration }), ...(dataSecrets && { dataSecrets }) }
  return { anonymise: { command, load, ...secrets }, result: randomness.id('arc') }
}

/**
 * Says how an environment gets its data from another site, and refuses what its plan or its rights do not allow.
 * @throws {SitewrightError} `Forbidden` for production's data unless an owner asks; `InvalidRequest` without a reason or a command;
 *   `TransitionNotAllowed` without a copy; `LimitsExceeded` if it is larger than the plan allows.
 */
export const cloneFrom = (
  ports: { readonly randomness: Randomness; readonly clocks: Pick<Clocks, 'domain'> },
  sources: Sources,
  request: DataRequest & { readonly data: 'anonymised' | 'copy' },
): Clone => {
  const { source, plan } = sources
  const { data, at, fresh, reason } = request
  if (!isLive(source)) return refuse(`'${nameOfSource(source)}' is ${source.status}, so its data cannot be copied.`)
  if (data === 'copy') requirePermission(source, request, sources.isOwner)
  const now = ports.clocks.domain()
  const archive = fresh ? newestArchive(source.archives, { now }) : chosenArchive(source, { at, now })
  const size = archive === undefined ? 0 : sizeOfData(archive)
  const problem = data === 'copy' ? tooLarge(size, plan.environments?.storageMiB ?? 0) : undefined
  if (problem !== undefined) throw new SitewrightError('LimitsExceeded', problem)
  const from = { siteId: source.id, ...(!fresh && archive && { archiveId: archive.id }) }
  const common = {
    from,
    writtenBy: (fresh ? undefined : archive?.blueprint) ?? source.blueprint,
    ...(reason && { reason }),
  }
  if (data === 'anonymised') {
    return { ...common, kept: noValues, environmentOf: { copyOf: source.id, ...anonymised(sources, ports) } }
  }
  const { kept, dataSecrets } = keptOf(sources)
  const mark = hasProductionData(source) && { hasProductionData: true as const }
  return { ...common, kept, environmentOf: { copyOf: source.id, ...mark, dataSecrets } }
}

/** Whether data comes from another site. */
export const isClone = (data: DataRequest['data']): data is 'anonymised' | 'copy' =>
  data === 'anonymised' || data === 'copy'
