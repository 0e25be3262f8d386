import type { FieldProblem } from '../errors.ts'
import { limitsSchema, type Plan } from '../plan/plan.ts'
import type { Blueprint, BlueprintContainer } from './blueprint.ts'
import { variableValues } from './variables.ts'

/** Values by the names that templates mention, such as `PORT` or `secret.KEY`. */
export type Variables = Readonly<Record<string, string>>

/** Where the containers of a launch listen and store, in the terms of its runtime. */
export interface Place {
  readonly host: string
  readonly port: number
  readonly dataDirectory: string
  readonly filesDirectory: string
  /** A directory of the site's own for what programs keep beside their data; not persistent. */
  readonly homeDirectory: string
}

export const filesDirectory = '/run/sitewright/files'

const token = /\$(?:\$|\{([^{}]*)\})/g

/** Replaces `${NAME}` by its value and `$$` by a dollar sign. Unknown names stay, for blueprints from before they were checked. */
export const interpolate = (template: string, values: Variables): string =>
  template.replaceAll(token, (text, name?: string) => {
    if (name === undefined) return '$'
    return Object.hasOwn(values, name) ? (values[name] ?? text) : text
  })

/** Like {@link interpolate}, but leaves other variables and `$$` for a second pass. */
export const interpolateInPart = (template: string, values: Variables): string =>
  template.replaceAll(token, (text, name?: string) =>
    name !== undefined && Object.hasOwn(values, name) ? (values[name] ?? text).replaceAll('$', '$$$$') : text,
  )

export const variablesIn = (template: string): readonly string[] =>
  [...template.matchAll(token)].flatMap(([, name]) => name ?? [])

const isSecret = (name: string): boolean => name.startsWith('secret.')

const isVariable = (name: string): boolean => name.startsWith('variable.')

export const variableKey = (name: string): string => `variable.${name}`

export const mentionsSecret = (template: string): boolean => variablesIn(template).some(isSecret)

export const placeNames = ['PORT', 'HOST', 'DATA_DIRECTORY', 'FILES_DIRECTORY']

/** What a hand-over by a command may mention in its environment. */
export const ownerVariables = ['OWNER_EMAIL', 'OWNER_NAME', 'SITE_URL', 'ONE_TIME_PASSWORD'] as const

/** Facts that a site in the pool does not have yet. */
const isLateBound = (name: string): boolean => name === 'SITE_URL' || /^(?:feature|limit)\./.test(name)

interface Template {
  /** Where it is in its container. */
  readonly path: string
  readonly text: string
  /** Arguments: visible to the whole machine, and read by a shell if one is among the arguments before it. */
  readonly argument?: 'shell' | 'program'
}

const shells = /(?:^|\/)(?:sh|ash|bash|dash|ksh|zsh|busybox)$/

const argumentsOf = (path: string, command: readonly string[] = []): readonly Template[] =>
  command.map((text, index) => ({
    path: `${path}.${index}`,
    text,
    argument: command.slice(0, index).some((before) => shells.test(before)) ? 'shell' : 'program',
  }))

const textsOf = (path: string, texts: Readonly<Record<string, string>> = {}): readonly Template[] =>
  Object.entries(texts).map(([name, text]) => ({ path: `${path}.${name}`, text }))

const templatesOf = ({ environment, command, process, health, files }: BlueprintContainer): readonly Template[] => [
  ...textsOf('environment', environment),
  ...argumentsOf('command', command),
  ...argumentsOf('process.command', process?.command),
  ...textsOf('process.environment', process?.environment),
  ...argumentsOf('health.command', health?.command),
  ...textsOf('files', files),
]

const lateNames = ({ containers }: Blueprint): ReadonlySet<string> =>
  new Set(containers.flatMap(templatesOf).flatMap(({ text }) => variablesIn(text).filter(isLateBound)))

/** In bytes: how much of these values the containers get, each as often as it is listed or mentioned. */
export const bytesOfVariables = ({ containers }: Blueprint, values: Variables): number =>
  containers
    .flatMap((container) => [
      ...(container.variables ?? []),
      ...templatesOf(container).flatMap(({ text }) =>
        variablesIn(text).flatMap((name) => (isVariable(name) ? name.slice(variableKey('').length) : [])),
      ),
    ])
    .reduce((bytes, name) => bytes + Buffer.byteLength(values[name] ?? ''), 0)

/** Whether a site of this blueprint can start only when it has an owner: it interpolates its URL or its plan. */
export const isBoundLate = (blueprint: Blueprint): boolean => lateNames(blueprint).size > 0

export const interpolatesUrl = (blueprint: Blueprint): boolean => lateNames(blueprint).has('SITE_URL')

const limitNames = limitsSchema.keyof().options

/**
 * The values of the late-bound facts that a blueprint interpolates, and of its variables; undefined if there are none.
 * @param given the variables that are set for the site.
 */
export const factsFor = (
  blueprint: Blueprint,
  { siteUrl, plan }: { readonly siteUrl: string | undefined; readonly plan: Pick<Plan, 'features' | 'limits'> },
  given?: Variables,
): Variables | undefined => {
  const names = lateNames(blueprint)
  const variables = Object.entries(variableValues(blueprint, given))
  if (names.size + variables.length === 0) return undefined
  const limitOf = (name: string): string => {
    const found = limitNames.find((limit) => `limit.${limit}` === name)
    return found === undefined ? '' : String(plan.limits[found])
  }
  const factOf = (name: string): string => {
    if (name === 'SITE_URL') return siteUrl ?? ''
    return name.startsWith('limit.') ? limitOf(name) : String(plan.features.includes(name.slice('feature.'.length)))
  }
  return Object.fromEntries([
    ...[...names].map((name) => [name, factOf(name)] as const),
    ...variables.map(([name, value]) => [variableKey(name), value] as const),
  ])
}

const argumentProblem = ({ argument, text }: Template): string | undefined => {
  if (argument === undefined) return undefined
  if (mentionsSecret(text)) {
    return 'must not hold a secret, because commands are visible to others; use `environment` or `files`'
  }
  if (variablesIn(text).some(isVariable)) {
    return 'must not hold a variable, because a shell may read its value; use `environment` or `files`'
  }
  const bare = argument === 'program' && /\$[A-Za-z_]\w*/.exec(text.replaceAll(token, ''))?.[0]
  return bare
    ? `${bare} stays as it is, because no shell reads it; write \${${bare.slice(1)}}, or $${bare} for that text`
    : undefined
}

const problemOf = (template: Template, known: readonly string[]): string | undefined => {
  const unknown = variablesIn(template.text).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    return `there is no \${${unknown}}; there are: ${known.join(', ')}. Write $\${ for the text \${`
  }
  if (template.text.replaceAll(token, '').includes('${')) return `has \${ without }; write $\${ for the text \${`
  return argumentProblem(template)
}

const problemsOf = (templates: readonly Template[], known: readonly string[], prefix = ''): readonly FieldProblem[] =>
  templates.flatMap((template) => {
    const message = problemOf(template, known)
    return message === undefined ? [] : [{ path: `${prefix}${template.path}`, message }]
  })

const placesOf = ({ files }: Pick<BlueprintContainer, 'files'>): readonly string[] =>
  placeNames.filter((name) => name !== 'FILES_DIRECTORY' || files !== undefined)

/** Commands that run once know no facts: nobody waits for those of a site in the pool. */
const oneOffProblems = ({
  containers,
  traffic,
  handOver,
  release,
  credentials = [],
}: Blueprint): readonly FieldProblem[] => [
  ...problemsOf(
    [
      ...argumentsOf('handOver.task.command', handOver?.task?.command),
      ...argumentsOf('handOver.task.process.command', handOver?.task?.process?.command),
      ...argumentsOf('release.command', release?.command),
      ...(release?.checks ?? []).flatMap(({ command }, index) =>
        argumentsOf(`release.checks.${index}.command`, command),
      ),
    ],
    placesOf(containers.find(({ name }) => name === traffic.container) ?? {}),
  ),
  ...problemsOf(textsOf('handOver.task.environment', handOver?.task?.environment), ownerVariables),
  ...problemsOf(
    credentials.map(({ user = '' }, index) => ({ path: `credentials.${index}.user`, text: user })),
    ['OWNER_EMAIL'],
  ),
]

/** Lists the mistakes in the templates of a blueprint. @param features of all plans. */
export const templateProblems = (blueprint: Blueprint, features: readonly string[]): readonly FieldProblem[] => {
  const featureNames = [...new Set([...features, ...blueprint.features])].toSorted()
  const ofContainers = blueprint.containers.flatMap((container, index) => {
    const known = [
      ...placesOf(container),
      'SITE_URL',
      ...container.secrets.map((name) => `secret.${name}`),
      ...Object.entries(blueprint.variables ?? {}).flatMap(([name, { secret }]) => (secret ? [] : variableKey(name))),
      ...featureNames.map((name) => `feature.${name}`),
      ...limitNames.map((name) => `limit.${name}`),
    ]
    return problemsOf(templatesOf(container), known, `containers.${index}.`)
  })
  return [...ofContainers, ...oneOffProblems(blueprint)]
}
