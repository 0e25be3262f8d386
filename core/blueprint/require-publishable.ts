import type { FieldProblem } from '../errors.ts'
import { SitewrightError } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Blueprint } from './blueprint.ts'
import { handingOverProblems } from './handing-over.ts'
import { filesDirectory, interpolatesUrl, mentionsSecret, templateProblems } from './interpolate.ts'

/** All files of a blueprint together. */
const mostFileBytes = 16 * 1024

/** Parameter Store takes 4 KiB, and the values of variables take some of it. */
const mostSecretText = 3000

const isReserved = (name: string): boolean => name === 'HOST' || name === 'FILES_DIRECTORY'

const environmentProblems = ({ containers }: Blueprint): readonly FieldProblem[] =>
  containers.flatMap(({ environment, secrets }, index) => [
    ...[...Object.keys(environment), ...secrets]
      .filter(isReserved)
      .map((name) => ({ path: `containers.${index}.${name}`, message: 'is set by Sitewright' })),
    ...Object.entries(environment)
      .filter(([, text]) => mentionsSecret(text) && text.length > mostSecretText)
      .map(([name]) => ({
        path: `containers.${index}.environment.${name}`,
        message: `must have at most ${mostSecretText} characters, because it holds a secret; use \`files\``,
      })),
  ])

const fileProblems = ({ containers }: Blueprint): readonly FieldProblem[] => {
  const texts = containers.flatMap(({ files = {} }) => Object.values(files))
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const message = `all files together must have at most ${mostFileBytes} bytes; these have ${bytes}`
  return bytes > mostFileBytes ? [{ path: 'containers', message }] : []
}

/** A site can have any plan, so it has to fit into each. */
const needProblems = ({ needs }: Blueprint, plans: readonly Plan[]): readonly FieldProblem[] =>
  plans.flatMap(({ id, size }) => {
    const most = { memoryMiB: size.memoryMiB, threads: size.processes }
    return (['memoryMiB', 'threads'] as const)
      .filter((need) => (needs?.[need] ?? 0) > most[need])
      .map((need) => ({
        path: `needs.${need}`,
        message: `the plan '${id}' has only ${most[need]}; it needs ${needs?.[need]}`,
      }))
  })

const isWithin = (path: string, directory: string): boolean =>
  `${path}/`.startsWith(`${directory.replace(/\/+$/, '')}/`)

/** Another mount would hide it, or it would hide the other. */
const pathProblems = ({ containers, data }: Blueprint): readonly FieldProblem[] =>
  containers.flatMap(({ writable = [], mounts = [], process }, index) => {
    const places = [
      ...writable.map((path, place) => ({ path, field: `writable.${place}` })),
      ...mounts.map(({ path }, place) => ({ path, field: `mounts.${place}` })),
    ]
    const overlaps = places.flatMap((place) => {
      const others = places.filter((other) => other !== place).map(({ path }) => path)
      const taken = [data.directory, filesDirectory, '/tmp', ...others]
      const other = taken.find((directory) => isWithin(place.path, directory) || isWithin(directory, place.path))
      if (other === undefined) return []
      return [{ path: `containers.${index}.${place.field}`, message: `${place.path} and ${other} must be apart` }]
    })
    if (mounts.length === 0 || process === undefined) return overlaps
    return [...overlaps, { path: `containers.${index}.process`, message: 'a plain process cannot have `mounts`' }]
  })

/** A verified copy of the data is restored for its new owner. Elsewhere an access point keeps the user that it was made with. */
const ownerProblems = ({ data, release }: Blueprint, current: Blueprint | undefined): readonly FieldProblem[] => {
  const isSame = data.owner?.uid === current?.data.owner?.uid && data.owner?.gid === current?.data.owner?.gid
  if (current === undefined || isSame || release?.migrates) return []
  const message = `differs from version ${current.version}, whose data has another owner: set \`release.migrates: true\``
  return [{ path: 'data.owner', message }]
}

const urlProblems = (blueprint: Blueprint): readonly FieldProblem[] => {
  const { urlChange, handOver } = blueprint
  const path = 'urlChange'
  if (urlChange === 'hook' && handOver?.hook === undefined) return [{ path, message: 'needs `handOver.hook`' }]
  if (urlChange !== 'restart' || interpolatesUrl(blueprint)) return []
  return [{ path, message: `needs a template with \${SITE_URL}: nothing else changes with a restart` }]
}

/**
 * Checks what a published version must keep beyond its schema. Versions that older commits published are not checked again.
 * @param current the version before it.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake.
 */
export const requirePublishable = (blueprint: Blueprint, plans: readonly Plan[], current?: Blueprint): void => {
  const features = plans.flatMap((plan) => plan.features)
  const fields = [
    ...environmentProblems(blueprint),
    ...handingOverProblems(blueprint),
    ...fileProblems(blueprint),
    ...needProblems(blueprint, plans),
    ...pathProblems(blueprint),
    ...ownerProblems(blueprint, current),
    ...urlProblems(blueprint),
    ...templateProblems(blueprint, features),
  ]
  if (fields.length === 0) return
  const lines = fields.map(({ path, message }) => `  ${path}: ${message}`)
  throw new SitewrightError(
    'BlueprintInvalid',
    `Blueprint '${blueprint.name}' version ${blueprint.version} cannot be published:\n${lines.join('\n')}`,
    { fields },
  )
}
