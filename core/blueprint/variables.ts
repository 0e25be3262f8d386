import * as z from 'zod'
import type { FieldProblem } from '../errors.ts'
import { oneTimePassword } from './handing-over.ts'

export const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, 'must be letters, digits, underscores, dots and hyphens')
  .refine((name) => !name.startsWith('SITEWRIGHT_'), 'names that start with SITEWRIGHT_ are set by Sitewright')
  .refine((name) => !['PORT', 'DATA_DIRECTORY'].includes(name), 'is set by Sitewright')

const ofInterpreters =
  /^(?:NODE_(?:OPTIONS|PATH|REPL_)|BUN_|DENO_|npm_config_|NPM_CONFIG_|PYTHON|RUBY(?:OPT|LIB)|GEM_|BUNDLE_|PERL(?:5|LIB)|PHPRC|PHP_INI_|LUA_|ERL_|R_PROFILE|(?:_|JDK_)?JAVA_(?:TOOL_)?OPT|CLASSPATH|DOTNET_STARTUP_|CORECLR_|COR_)/
const ofMachine =
  /^(?:LD_|DYLD_|GCONV_PATH|GLIBC_TUNABLES|OPENSSL_|BASH_|GIT_(?:SSH|CONFIG|EXEC))|^(?:PATH|ENV|HOME|IFS|PS4)$/

/** Whether an interpreter, a shell or a loader may run other code than its program for the value of this variable. */
export const choosesCode = (name: string): boolean => ofInterpreters.test(name) || ofMachine.test(name)

/** In bytes: what a parameter of Parameter Store and one call to KMS take. */
export const maxValueBytes = 4096

/** What KMS and IAM know sealed values by: their key encrypts other things, too. */
export const sealingPurpose = 'site-configuration'

/** A value that an administrator sets for one site. Certificates have line breaks. */
export const variableValue = z
  .string()
  .regex(/^(?:[^\p{Cc}]|[\t\n\r])*$/u, 'must hold no control characters but tabs and line breaks')
  .refine((text) => text.isWellFormed(), 'must be valid Unicode')
  .refine((text) => Buffer.byteLength(text) <= maxValueBytes, `must have at most ${maxValueBytes} bytes`)

const variableSchema = z
  .strictObject({
    description: z.string().min(1).max(300).optional(),
    /** Its value in sites for which nobody has set one. Without it, the variable is not set there. */
    default: variableValue.optional(),
    values: z.array(variableValue).min(1).max(50).readonly().optional(),
    /** A site without a value does not start. */
    required: z.literal(true).optional(),
    /** It describes one of the containers' `secrets`, whose value nobody can read. */
    secret: z.literal(true).optional(),
  })
  .refine(
    (variable) => variable.default === undefined || (variable.values?.includes(variable.default) ?? true),
    'must have a `default` that is among its `values`',
  )
  .refine(
    (variable) => !variable.secret || (variable.default === undefined && variable.values === undefined),
    'must have neither `default` nor `values`, because it is a secret',
  )
  .refine(
    (variable) => !variable.required || variable.default === undefined,
    'must not be `required` beside a `default`',
  )

export const variablesSchema = z
  .record(environmentName, variableSchema)
  .refine((variables) => Object.keys(variables).length <= 100, 'must be at most 100')

interface WithVariables {
  readonly containers: readonly {
    readonly secrets: readonly string[]
    readonly variables?: readonly string[] | undefined
    readonly environment: Readonly<Record<string, string>>
    readonly process?: { readonly environment?: Readonly<Record<string, string>> | undefined } | undefined
  }[]
  readonly variables?: z.infer<typeof variablesSchema> | undefined
  readonly credentials?: readonly { readonly name: string }[] | undefined
  readonly handOver?: { readonly hook?: { readonly secret?: string | undefined } | undefined } | undefined
}

export const variableProblems = ({ containers, variables = {} }: WithVariables): readonly FieldProblem[] => {
  const secrets = new Set(containers.flatMap((container) => container.secrets))
  const declared = Object.entries(variables).flatMap(([name, { secret }]) => {
    const path = `variables.${name}`
    if (secret && !secrets.has(name)) return [{ path, message: 'is a secret that no container lists in `secrets`' }]
    return !secret && secrets.has(name) ? [{ path, message: 'is among the `secrets` of a container too' }] : []
  })
  const listed = containers.flatMap(({ variables: names = [], environment, process }, index) =>
    names.flatMap((name, place) => {
      const path = `containers.${index}.variables.${place}`
      const variable = Object.hasOwn(variables, name) ? variables[name] : undefined
      if (variable === undefined) return [{ path, message: `there is no variable '${name}' in \`variables\`` }]
      if (variable.secret) return [{ path, message: `'${name}' is a secret: list it in \`secrets\`` }]
      const isTwice = Object.hasOwn(environment, name) || Object.hasOwn(process?.environment ?? {}, name)
      return isTwice ? [{ path, message: `'${name}' is in \`environment\` too` }] : []
    }),
  )
  return [...declared, ...listed]
}

/** The secrets for which a site may have a value of its own: not those that Sitewright itself sends or shows. */
export const replaceableSecrets = ({ containers, credentials = [], handOver }: WithVariables): readonly string[] => {
  const own = new Set([oneTimePassword, handOver?.hook?.secret, ...credentials.map(({ name }) => name)])
  return [...new Set(containers.flatMap(({ secrets }) => secrets))].filter((name) => !own.has(name))
}

/** The values of a blueprint's variables, by name; empty for one that is not set. */
export const variableValues = (
  { variables = {} }: Pick<WithVariables, 'variables'>,
  given: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(variables)
      .filter(([, { secret }]) => !secret)
      .map(([name, { default: usual = '' }]) => [name, Object.hasOwn(given, name) ? (given[name] ?? '') : usual]),
  )

export const missingValues = (
  { variables = {} }: Pick<WithVariables, 'variables'>,
  given: { readonly variables: Readonly<Record<string, string>>; readonly secrets: Readonly<Record<string, unknown>> },
): readonly string[] =>
  Object.entries(variables)
    .filter(([name, { required, secret }]) => {
      const value = secret
        ? Object.hasOwn(given.secrets, name)
        : Object.hasOwn(given.variables, name) && given.variables[name]
      return required === true && !value
    })
    .map(([name]) => name)
