import * as z from 'zod'
import { writePortablePattern } from '../portable-pattern.ts'
import { type Blueprint, blueprintSchema, containerSchema, issueMessage, parseAs } from './blueprint.ts'
import { commandSchema } from './handing-over.ts'
import { environmentName, variableValue } from './variables.ts'

export const siteFileName = 'sitewright.yaml'

/** The environment that is the site itself. */
export const production = 'production'

const fileContainerSchema = containerSchema
  .extend({
    /** A deployment names the image that was built. */
    image: containerSchema.shape.image.optional(),
    /** Secrets that people set for each environment. Nobody can read them. */
    given: z.array(environmentName).readonly().optional(),
  })
  .refine(
    ({ image, build, process }) => (image ?? build ?? process) !== undefined,
    'must have `image`, `build` or `process`',
  )

const environmentSchema = z.strictObject({
  /** Values of the blueprint's variables; another name is a variable of all containers. */
  variables: z.record(environmentName, variableValue).optional(),
  expires: z
    .string()
    .regex(/^(?:never|[1-9]\d{0,3}[dh])$/, "must be 'never', days such as 7d, or hours such as 12h")
    .optional(),
  /** Whether its programs may reach the internet, if the plan allows it. Those of production do as the file says. */
  outbound: z.enum(['none', 'internet']).optional(),
  data: z.enum(['empty', 'seed', 'anonymised', 'copy']).optional(),
})

const environmentNameOrPattern = z
  .string()
  .regex(/^[a-z0-9*][a-z0-9._/*-]{0,62}$/, 'must be lower-case letters, digits and . / - _, with * for any')
  .refine((name) => !['content', 'rehearsal'].includes(name), 'is a name that Sitewright uses itself')

/** Of vendors: they sell plans and count events of their product. */
const { version: _, extends: __, plans: ___, productEvents: ____, ...shared } = blueprintSchema.shape

/** The fields of the file, without what depends on several of them. */
const siteFileShape = z.strictObject({
  ...shared,
  containers: z.array(fileContainerSchema).min(1).max(8).readonly(),
  /** Whom the router lets in: its owner alone, or everybody. */
  access: z.enum(['owner', 'public']).default('owner'),
  /** Secrets without which stored data cannot be read, such as a database's password. */
  dataSecrets: z.array(environmentName).readonly().optional(),
  seed: z.strictObject({ command: commandSchema }).optional(),
  /** Writes what may leave production, and loads it elsewhere. */
  anonymise: z.strictObject({ command: commandSchema, load: commandSchema }).optional(),
  environments: z.record(environmentNameOrPattern, environmentSchema).optional(),
})
type Shape = z.infer<typeof siteFileShape>

export interface EnvironmentName {
  readonly name: string
  readonly branch?: string | undefined
}

/** Whether a text is as a pattern says, in which `*` stands for any. Takes a time in proportion to both. */
const matches = (pattern: string, text: string): boolean => {
  const [first = '', ...others] = pattern.split('*')
  const last = others.pop()
  if (last === undefined) return pattern === text
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const part of others) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** Under which name an environment has a block of its own. A branch may be called `production`, and its environment is not that. */
export const ownBlockOf = (
  { environments = {} }: Pick<Shape, 'environments'>,
  { name, branch = name }: EnvironmentName,
): string | undefined =>
  [name, branch].find((one) => (one === production) === (name === production) && Object.hasOwn(environments, one))

/** The block of an environment: that of its name, or of the longest pattern that its branch or name matches. */
export const blockOf = (
  { environments = {} }: Pick<Shape, 'environments'>,
  { name, branch = name }: EnvironmentName,
): z.infer<typeof environmentSchema> | undefined => {
  // Names have no slashes.
  const asName = (pattern: string) => pattern.replaceAll(/[^a-z0-9*]+/g, '-')
  const found = Object.keys(environments)
    .filter((one) => one !== production && (matches(one, branch) || matches(asName(one), name)))
    .toSorted((one, other) => other.length - one.length)[0]
  const chosen = ownBlockOf({ environments }, { name, branch }) ?? (name === production ? undefined : found)
  return chosen === undefined ? undefined : environments[chosen]
}

interface Target {
  readonly version: number
  /** Of the blueprint; that of the file by default. */
  readonly name?: string
  /** Whose block applies; that of production by default. */
  readonly environment?: EnvironmentName
  readonly images?: Readonly<Record<string, string>>
}

/** Secrets that people set are secrets without which a site does not start. */
const variablesFor = ({ containers, variables = {} }: Shape, chosen: Readonly<Record<string, string>>) => {
  const given = containers.flatMap((container) => container.given ?? [])
  const values = Object.entries(variables).map(([name, { required, ...variable }]) => [
    name,
    Object.hasOwn(chosen, name)
      ? { ...variable, default: chosen[name] }
      : { ...variable, ...(required && { required }) },
  ])
  const secrets = given.map((name) => [name, { ...variables[name], secret: true, required: true }])
  const all = Object.fromEntries([...values, ...secrets])
  return Object.keys(all).length === 0 ? {} : { variables: all }
}

/** What runs the file, before it is checked. */
const resolved = (
  file: Shape,
  { version, name = file.name, environment = { name: production }, images = {} }: Target,
) => {
  const { containers, variables, dataSecrets: _secrets, seed: _seed, anonymise: _load, environments, ...rest } = file
  const block = blockOf({ environments }, environment)
  const chosen = block?.variables ?? {}
  const further = Object.entries(chosen).filter(([one]) => variables === undefined || !Object.hasOwn(variables, one))
  // Only production is open to others and runs by itself.
  const { wakeOn: _wakes, sleep: _never, ...closed } = rest
  const terms =
    environment.name === production ? rest : { ...closed, access: 'owner', outbound: block?.outbound ?? 'none' }
  return {
    ...terms,
    name,
    version,
    // What one runs oneself one may read.
    logs: 'owner',
    ...variablesFor(file, chosen),
    containers: containers.map(({ given = [], image, build, ...container }) => ({
      ...container,
      image: images[container.name] ?? image ?? `${file.name}/${container.name}:unbuilt`,
      ...(build === undefined || Object.hasOwn(images, container.name) ? {} : { build }),
      secrets: [...container.secrets, ...given],
      environment: { ...container.environment, ...Object.fromEntries(further) },
    })),
  }
}

type Problem = readonly [path: readonly (string | number)[], message: string, allowed?: readonly string[]]

/** What the fields say together, beside what a blueprint requires. */
const problemsOf = ({
  containers,
  dataSecrets = [],
  seed,
  anonymise,
  environments = {},
}: Shape): readonly Problem[] => {
  const made = containers.flatMap(({ secrets }) => secrets)
  const given = containers.flatMap((container) => container.given ?? [])
  const all = [...new Set([...made, ...given])]
  const isSource = { seed: seed !== undefined, anonymised: anonymise !== undefined, empty: true, copy: true }
  return [
    ...containers.flatMap((container, index) =>
      (container.given ?? []).flatMap((name, place): readonly Problem[] =>
        made.includes(name)
          ? [[['containers', index, 'given', place], `'${name}' is in \`secrets\` too: it is made or given, not both`]]
          : [],
      ),
    ),
    ...dataSecrets.flatMap((name, place): readonly Problem[] =>
      all.includes(name) ? [] : [[['dataSecrets', place], `no container has a secret '${name}'`, all]],
    ),
    ...Object.entries(environments).flatMap(
      ([name, { variables = {}, expires, data, outbound }]): readonly Problem[] => [
        ...Object.keys(variables)
          .filter((one) => all.includes(one))
          .map((one): Problem => [['environments', name, 'variables', one], 'is a secret: it has no value in a file']),
        ...(name === production && (expires ?? data ?? outbound) !== undefined
          ? [[['environments', name], 'is the site itself: it has no `expires`, `data` and `outbound`'] as const]
          : []),
        ...(data === undefined || isSource[data]
          ? []
          : [
              [
                ['environments', name, 'data'],
                `needs \`${data === 'seed' ? 'seed' : 'anonymise'}\` in the file`,
              ] as const,
            ]),
      ],
    ),
  ]
}

export const siteFileSchema = siteFileShape.superRefine((file, context) => {
  const problems = problemsOf(file)
  for (const [path, message, allowed] of problems) {
    const params = allowed && { params: { given: message.split("'")[1], allowed } }
    context.addIssue({ code: 'custom', path: [...path], message, ...params })
  }
  if (problems.length > 0) return
  for (const environment of Object.keys({ [production]: {}, ...file.environments })) {
    const { error } = blueprintSchema.safeParse(resolved(file, { version: 1, environment: { name: environment } }))
    for (const issue of error?.issues ?? []) {
      const { params } = z.object({ params: z.record(z.string(), z.unknown()).optional() }).parse(issue)
      context.addIssue({ code: 'custom', path: issue.path, message: issueMessage(issue), ...(params && { params }) })
    }
    if (error !== undefined) return
  }
})

/** What developers write of their own software: a blueprint without a version, and what its environments need. */
export type SiteFile = z.infer<typeof siteFileSchema>

/** @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake. */
export const parseSiteFile = (input: unknown, source = siteFileName): SiteFile => parseAs(siteFileSchema, input, source)

/** The blueprint by which an environment runs a file. @throws {SitewrightError} `BlueprintInvalid` if an image that was built has no valid name. */
export const blueprintOfFile = (file: SiteFile, target: Target): Blueprint =>
  parseAs(blueprintSchema, resolved(file, target), siteFileName)

/** The JSON Schema of the file, for editors. It says nothing of what depends on several fields. */
export const siteFileJsonSchema = (): object => ({
  title: siteFileName,
  ...z.toJSONSchema(siteFileShape, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // Ours is of types; an editor would take it for a field that nobody may write.
      delete jsonSchema.readOnly
      writePortablePattern(jsonSchema)
    },
  }),
})
