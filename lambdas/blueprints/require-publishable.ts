import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { handingOverProblems } from '../../core/blueprint/handing-over.ts'
import {
  filesDirectory,
  interpolatesUrl,
  mentionsSecret,
  placeNames,
  templateProblems,
} from '../../core/blueprint/interpolate.ts'
import { plansFor, unmetNeeds } from '../../core/blueprint/needs.ts'
import { type FieldProblem, SitewrightError } from '../../core/errors.ts'
import type { Plan } from '../../core/plan/plan.ts'

/** All files of a blueprint together. */
const maxFileBytes = 16 * 1024

/** Parameter Store takes 4 KiB, and the values of variables take some of it. */
const maxSecretText = 3000

/** Whether Sitewright sets a variable itself. */
export const isReserved = (name: string): boolean =>
  placeNames.some((reserved) => reserved === name) || name.startsWith('SITEWRIGHT_')

const itself = (secret: string): string => `\${secret.${secret}}`

const reservedProblems = (names: readonly string[], path: string): readonly FieldProblem[] =>
  names.filter(isReserved).map((name) => ({ path: `${path}.${name}`, message: 'is set by Sitewright' }))

const environmentProblems = ({ containers, handOver, variables }: Blueprint): readonly FieldProblem[] => [
  ...reservedProblems(Object.keys(handOver?.task?.environment ?? {}), 'handOver.task.environment'),
  ...reservedProblems(Object.keys(variables ?? {}), 'variables'),
  ...containers.flatMap(({ environment, secrets }, index) => [
    ...reservedProblems([...Object.keys(environment), ...secrets], `containers.${index}`),
    ...secrets
      .filter((name) => (environment[name] ?? itself(name)) !== itself(name))
      .map((name) => ({ path: `containers.${index}.secrets.${name}`, message: 'is in `environment` too' })),
    ...Object.entries(environment)
      .filter(([, text]) => mentionsSecret(text) && text.length > maxSecretText)
      .map(([name]) => ({
        path: `containers.${index}.environment.${name}`,
        message: `must have at most ${maxSecretText} characters, because it holds a secret; use \`files\``,
      })),
  ]),
]

const fileProblems = ({ containers }: Blueprint): readonly FieldProblem[] => {
  const texts = containers.flatMap(({ files = {} }) => Object.values(files))
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const message = `all files together must have at most ${maxFileBytes} bytes; these have ${bytes}`
  return bytes > maxFileBytes ? [{ path: 'containers', message }] : []
}

/** A site can have any of the plans, so it has to fit into each. */
const planProblems = (blueprint: Blueprint, plans: readonly Plan[]): readonly FieldProblem[] => {
  const unknown = (blueprint.plans ?? []).filter((name) => plans.every(({ id }) => id !== name))
  const known = plans.map(({ id }) => id).join(', ')
  return [
    ...unknown.map((name) => ({ path: 'plans', message: `there is no plan '${name}'; there are: ${known}` })),
    ...plansFor(blueprint, plans).flatMap((plan) => unmetNeeds(blueprint, plan)),
  ]
}

const isWithin = (path: string, directory: string): boolean =>
  `${path}/`.startsWith(`${directory.replace(/\/+$/, '')}/`)

/** An engine would resolve it, and mount something else than is compared here. */
const isIndirect = (path: string): boolean => /\/\.{0,2}\/|\/\.{1,2}$/.test(path)

const isApart = (one: string, other: string): boolean => !isWithin(one, other) && !isWithin(other, one)

/** Another mount would hide it, or it would hide the other. */
const pathProblems = ({ containers, data }: Blueprint): readonly FieldProblem[] => {
  const ours = ['/tmp', filesDirectory]
  const problemsOf = (path: string, field: string, taken: readonly string[]): readonly FieldProblem[] => {
    if (isIndirect(path)) return [{ path: field, message: `${path} must have no empty parts, and none of dots` }]
    const other = taken.find((directory) => !isApart(path, directory))
    return other === undefined ? [] : [{ path: field, message: `${path} and ${other} must be apart` }]
  }
  const ofContainers = containers.flatMap(({ writable = [], mounts = [] }, index) => {
    const places = [
      ...writable.map((path, place) => ({ path, field: `writable.${place}` })),
      ...mounts.map(({ path }, place) => ({ path, field: `mounts.${place}` })),
    ]
    return places.flatMap((place) => {
      const others = places.filter((other) => other !== place).map(({ path }) => path)
      return problemsOf(place.path, `containers.${index}.${place.field}`, [data.directory, ...ours, ...others])
    })
  })
  return [...problemsOf(data.directory, 'data.directory', ours), ...ofContainers]
}

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
    ...planProblems(blueprint, plans),
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
