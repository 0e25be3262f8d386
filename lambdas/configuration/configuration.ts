import * as z from 'zod'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { bytesOfVariables, variablesIn } from '../../core/blueprint/interpolate.ts'
import { maxValueBytes, missingValues, replaceableSecrets, variableValues } from '../../core/blueprint/variables.ts'
import type { FieldProblem } from '../../core/errors.ts'
import { actorSchema } from '../../core/events/actor.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import type { Relocation } from '../../core/site/relocation.ts'

const instant = z.iso.datetime({ precision: 3 })

const sealedSecretSchema = z.strictObject({
  sealed: z.string(),
  /** The version that set it, for which it is sealed. */
  version: z.int().positive(),
  at: instant,
  /** The site that it is sealed for, where this one has it because its data comes from there. */
  of: idSchema('site').optional(),
})

/** A version of the variables and secrets of one site. It never changes. */
export const configurationSchema = z.strictObject({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  version: z.int().positive(),
  at: instant,
  actor: actorSchema(),
  reason: z.string(),
  /** The version that was in use, which it changes; 0 for none. */
  basedOn: z.int().nonnegative(),
  /** The names whose values it sets or takes back. */
  changed: z.array(z.string()).readonly(),
  variables: z.record(z.string(), z.string()),
  secrets: z.record(z.string(), sealedSecretSchema),
})
export type Configuration = z.infer<typeof configurationSchema>
export type ConfiguredValues = Pick<Configuration, 'variables' | 'secrets'>
export const noValues: ConfiguredValues = { variables: {}, secrets: {} }

export interface ConfigurationStore {
  readonly read: (siteId: SiteId, version: number) => Promise<Configuration | undefined>
  /** Newest first. */
  readonly list: (siteId: SiteId) => Promise<readonly Configuration[]>
  /** @returns false if the site has a version of this number. */
  readonly add: (configuration: Configuration) => Promise<boolean>
  readonly remove: (siteId: SiteId, version: number) => Promise<void>
  /** The sealed secrets that another installation generated for the site, by name: they replace those that are generated here. */
  readonly readGenerated: (siteId: SiteId) => Promise<Readonly<Record<string, string>> | undefined>
  readonly keepGenerated: (siteId: SiteId, sealed: Readonly<Record<string, string>>) => Promise<void>
  /** Removes all versions, and what another installation generated. */
  readonly erase: (siteId: SiteId) => Promise<void>
}

/** What a sealed value is for: it can be opened as nothing else. */
export interface SealedFor {
  readonly siteId: SiteId
  readonly version: number
  readonly name: string
}

/** What a generated secret of another installation is sealed for: no version sets it. */
export const generatedVersion = 0

/** Seals values, and cannot open them. */
export interface SecretSealer {
  /** @param value of at most {@link maxValueBytes}. */
  readonly seal: (purpose: SealedFor, value: string) => Promise<string>
}

export interface SecretOpener {
  /** @throws {Error} if the value was sealed for something else, or changed. */
  readonly open: (purpose: SealedFor, sealed: string) => Promise<string>
}

/** How many versions of a site are kept, besides those in use. */
export const keptVersions = 50

/** The versions that are not kept: never the one in use, nor the one before it, nor those that a relocation names. */
export const outdated = (
  newestFirst: readonly Configuration[],
  inUse: number,
  { target, switched }: Partial<Pick<Relocation, 'target' | 'switched'>> = {},
): readonly number[] => {
  const before = newestFirst.find(({ version }) => version === inUse)?.basedOn
  const named = [inUse, before, target?.configuration, switched?.back.configuration]
  return newestFirst
    .slice(keptVersions)
    .map(({ version }) => version)
    .filter((version) => !named.includes(version))
}

/** In bytes: all variables as the containers get them. A task definition takes 64 KiB, and templates have some of it. */
const maxVariableBytes = 16 * 1024
/** A version is one item, of at most 400 KB. */
const maxSecrets = 20
/** Shorter ones are not hidden in a site's output, where they would hide everything. */
const shortestSecret = 8

const sumOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)

const undeclared = (names: readonly string[], known: readonly string[], field: string): readonly FieldProblem[] =>
  names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `${field}.${name}`,
      message: `the blueprint of this site has none of this name; there are: ${known.join(', ') || 'none'}`,
    }))

/** New values, by name; null takes a value back. */
export interface NewValues {
  readonly variables: Readonly<Record<string, string | null>>
  readonly secrets: Readonly<Record<string, string | null>>
}

/** On AWS a variable that mentions a secret is a parameter of its own. */
const longestBeside = ({ containers }: Blueprint, name: string): number =>
  Math.max(
    0,
    ...containers
      .flatMap(({ environment }) => Object.values(environment))
      .filter((text) => variablesIn(text).includes(`secret.${name}`))
      .map((text) => Buffer.byteLength(text)),
  )

/** Lists what is wrong with new values for a site of a blueprint. Never names a value. */
export const newValueProblems = (blueprint: Blueprint, { variables, secrets }: NewValues): readonly FieldProblem[] => {
  const declared = blueprint.variables ?? {}
  const known = Object.keys(variableValues(blueprint))
  const choices = Object.entries(variables).flatMap(([name, value]) => {
    const { values = undefined } = (known.includes(name) && declared[name]) || {}
    return value === null || values === undefined || values.includes(value)
      ? []
      : [{ path: `variables.${name}`, message: `must be one of: ${values.join(', ')}` }]
  })
  const lengths = Object.entries(secrets).flatMap(([name, value]) => {
    if (value === null) return []
    const path = `secrets.${name}`
    if (value.length < shortestSecret) {
      return [{ path, message: `must have at least ${shortestSecret} characters, or it could not be hidden in logs` }]
    }
    const max = maxValueBytes - longestBeside(blueprint, name)
    return Buffer.byteLength(value) > max
      ? [{ path, message: `must have at most ${max} bytes, because variables of the blueprint hold it` }]
      : []
  })
  return [
    ...undeclared(Object.keys(variables), known, 'variables'),
    ...undeclared(Object.keys(secrets), replaceableSecrets(blueprint), 'secrets'),
    ...choices,
    ...lengths,
  ]
}

/** Lists why a site of a blueprint could not run with these values. */
export const configurationProblems = (
  blueprint: Blueprint,
  set: Pick<ConfiguredValues, 'variables'> & { readonly secrets: Readonly<Record<string, unknown>> } = noValues,
): readonly FieldProblem[] => {
  const { variables, secrets } = set
  const missing = missingValues(blueprint, { variables, secrets }).map((name) => ({
    path: `${blueprint.variables?.[name]?.secret ? 'secrets' : 'variables'}.${name}`,
    message: 'needs a value, because the blueprint requires one',
  }))
  const bytes = Math.max(
    sumOf(Object.values(variables)),
    bytesOfVariables(blueprint, variableValues(blueprint, variables)),
  )
  const max = `all variables together, as the containers get them, must have at most ${maxVariableBytes} bytes`
  return [
    ...missing,
    ...(bytes > maxVariableBytes ? [{ path: 'variables', message: `${max}; these have ${bytes}` }] : []),
    ...(Object.keys(secrets).length > maxSecrets
      ? [{ path: 'secrets', message: `at most ${maxSecrets} can have a value` }]
      : []),
  ]
}

/** The values with some set and others taken back. */
export const withValues = <Value>(
  present: Readonly<Record<string, Value>>,
  changed: Readonly<Record<string, Value | null>>,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries({ ...present, ...changed }).flatMap(([name, value]) =>
      value === null ? [] : [[name, value] as const],
    ),
  )
