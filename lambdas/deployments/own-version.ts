import { type Blueprint, requireDeployable } from '../../core/blueprint/blueprint.ts'
import { blockOf, blueprintOfFile, type EnvironmentName, parseSiteFile } from '../../core/blueprint/site-file.ts'
import { type FieldProblem, SitewrightError } from '../../core/errors.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import { softwareOwner } from '../../core/site/environment.ts'
import type { Site } from '../../core/site/site.ts'
import { requirePublishable } from '../blueprints/require-publishable.ts'
import { type Configuration, configurationProblems } from '../configuration/configuration.ts'
import { requireWithinQuota } from '../environments/environment.ts'
import { type Deployment, type OwnSoftware, ownBlueprint } from './deployment.ts'

const refuse = (fields: readonly FieldProblem[]): void => {
  if (fields.length === 0) return
  const lines = fields.map(({ path, message }) => `  ${path}: ${message}`)
  throw new SitewrightError('BlueprintInvalid', `The file cannot be deployed:\n${lines.join('\n')}`, { fields })
}

/** Its own registries have the software of other sites too, and the name of an image is no permission. */
const isOfInstallation = (image: string): boolean =>
  /^(?:localhost|127\.[\d.]+|\[::1\]|[^/]*\.dkr[.-]ecr[^/]*)(?:[:/]|$)/i.test(image)

/** All images have to be pushed, which `pin` checks; a name with a tag could mean another image tomorrow. */
const imageProblems = (
  { containers }: Blueprint,
  images: Readonly<Record<string, string>>,
  isProcess: boolean,
): readonly FieldProblem[] => {
  const names = containers.map(({ name }) => name)
  const unknown = Object.keys(images)
    .filter((name) => !names.includes(name))
    .map((name) => ({ path: `images.${name}`, message: `no container has this name; there are: ${names.join(', ')}` }))
  if (isProcess) return unknown
  const kept = 'is kept by this installation: push an image of your own instead'
  const others = containers.flatMap(({ name, image }, index) =>
    images[name] === undefined && isOfInstallation(image) ? [{ path: `containers.${index}.image`, message: kept }] : [],
  )
  const missing = containers.flatMap(({ name, image }, index) =>
    images[name] !== undefined || /@sha256:[0-9a-f]{64}$/.test(image)
      ? []
      : [{ path: `containers.${index}.image`, message: `needs an image of '${name}' that is pushed` }],
  )
  return [...unknown, ...others, ...missing]
}

/**
 * Makes a version of a site's own blueprint from the file of its owner. Nothing in it is built by the host, and its owner alone gets in unless
 * it says `public`.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake.
 */
export const ownVersion = (
  file: Readonly<Record<string, unknown>>,
  made: Pick<Deployment, 'siteId' | 'version' | 'images'> & {
    readonly snapshot?: string | undefined
    readonly environment?: EnvironmentName | undefined
  },
): Blueprint => {
  const { siteId, version, images, environment } = made
  const parsed = blueprintOfFile(parseSiteFile(file), {
    name: ownBlueprint(siteId),
    version,
    ...(environment && { environment }),
  })
  // A plain process runs files of the host's user: those of a snapshot, which a person on that machine took.
  const isProcess = made.snapshot !== undefined
  refuse(imageProblems(parsed, images, isProcess))
  return {
    ...parsed,
    containers: parsed.containers.map(({ build: _, process, ...container }) => ({
      ...container,
      ...(isProcess && process && { process }),
    })),
  }
}

/**
 * What the plan does not open. A user of somebody's choice may be one of the machine: so it counts as root.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each.
 */
export const requireOpened = ({ containers, data, outbound }: Blueprint, { name, opens = [] }: Plan): void => {
  const message = `is not in the plan '${name}': leave it out, or ask the operators of this installation`
  const relaxed = [
    { what: 'outbound', isUsed: outbound !== 'none', path: 'outbound' },
    { what: 'root', isUsed: data.owner !== undefined, path: 'data.owner' },
    ...containers.map(({ capabilities }, index) => ({
      what: 'root',
      isUsed: capabilities !== undefined,
      path: `containers.${index}.capabilities`,
    })),
  ]
  refuse(
    relaxed.flatMap(({ what, isUsed, path }) =>
      isUsed && !opens.some((one) => one === what) ? [{ path, message }] : [],
    ),
  )
}

/** @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake. */
export const requireRunnableHere = (
  blueprint: Blueprint,
  here: { readonly plan: Plan; readonly before: Blueprint | undefined; readonly isPinned: boolean },
): void => {
  const { plan, before, isPinned } = here
  requireOpened(blueprint, plan)
  requirePublishable(blueprint, [plan], before)
  if (isPinned) requireDeployable(blueprint)
}

/** @throws {SitewrightError} `InvalidRequest` if a site could not run a version with the values that are set for it. */
export const requireValues = (blueprint: Blueprint, set: Configuration | undefined): void => {
  const fields = configurationProblems(blueprint, set)
  if (fields.length === 0) return
  throw new SitewrightError('InvalidRequest', 'The site could not run with the values that are set for it.', { fields })
}

export interface VersionPorts extends Pick<Context, 'plans'> {
  readonly ownSoftware: Pick<OwnSoftware, 'pin'>
  readonly imagesArePinned?: true
}

/** What a version is made of. */
export interface Content {
  readonly file: Readonly<Record<string, unknown>>
  readonly images: Readonly<Record<string, string>>
  readonly snapshot?: string | undefined
}

/**
 * Makes a version of a site's own software, and checks that the site can run it.
 * @param before the version that the site runs.
 * @throws {SitewrightError} `BlueprintInvalid`; `InvalidRequest` for an environment that its plan does not allow so.
 */
export const versionFor = async (
  ports: VersionPorts,
  site: Pick<Site, 'id' | 'plan' | 'environmentOf'>,
  { file, images, snapshot }: Content,
  { version, before }: { readonly version: number; readonly before?: Blueprint | undefined },
): Promise<Blueprint> => {
  const plan = ports.plans.find(site.plan)
  const environment = site.environmentOf
  const named = ownVersion(file, { siteId: site.id, version, images, snapshot, environment })
  if (environment !== undefined) requireWithinQuota(plan, blockOf(parseSiteFile(file), environment))
  const sources = { siteId: softwareOwner(site), images, ...(snapshot && { snapshot }) }
  const blueprint = await ports.ownSoftware.pin(named, sources, file)
  requireRunnableHere(blueprint, { plan, before, isPinned: ports.imagesArePinned === true })
  return blueprint
}
