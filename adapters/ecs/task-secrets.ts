import type { BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import { variablesIn } from '../../core/blueprint/interpolate.ts'
import type { Launch } from '../../core/ports/runtime.ts'
import { containerPlace, secretTexts } from '../site-runtime/container-texts.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'

export interface StoredSecrets {
  /** The site's own port. */
  readonly port: number
  /** ARNs of the parameters that hold the site's secrets, by the secrets' names. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Sorted, so that the order in which a blueprint or a launch names things makes no other definition. */
export const pairs = (values: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))

/** A parameter keeps its first value, so a value that was set for the site has one of its own for each time. */
export const parameterOf = (name: string, { given = {} }: Launch): string =>
  Object.hasOwn(given, name) ? `given.${given[name]}.${name}` : name

/** Those of a text's secrets that were set for the site. */
const givenIn = (text: string, launch: Launch): readonly string[] =>
  variablesIn(text)
    .map((name) => name.replace(/^secret\./, ''))
    .filter((name) => Object.hasOwn(launch.given ?? {}, name))
    .map((name) => parameterOf(name, launch))

/** A text that mixes secrets with others is a parameter of its own, because a definition can be read. */
const mixedSecrets = (container: BlueprintContainer, launch: Launch, port: number) =>
  secretTexts(container, launch, containerPlace(launch.blueprint, port)).map(({ name, value, open }) => {
    const given = givenIn(open, launch)
    // A parameter keeps its first value, so another text needs another one.
    const digest = contentDigest(given.length === 0 ? open : [open, given]).slice(0, 16)
    return { name, value, parameter: `${container.name}.${name}.${digest}` }
  })

/** Everything of a launch that is stored as a parameter: its secrets, and variables that hold one. */
export const parametersOf = (launch: Launch, port: number): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(launch.secrets).map(([name, value]) => [parameterOf(name, launch), value])),
  ...Object.fromEntries(
    launch.blueprint.containers.flatMap((container) =>
      mixedSecrets(container, launch, port).map(({ parameter, value }) => [parameter, value]),
    ),
  ),
})

/** The secrets of a container, by the ARNs of their parameters. */
export const secretsOf = (container: BlueprintContainer, launch: Launch, { parameters, port }: StoredSecrets) =>
  pairs({
    ...Object.fromEntries(mixedSecrets(container, launch, port).map(({ name, parameter }) => [name, parameter])),
    ...Object.fromEntries(container.secrets.map((name) => [name, parameterOf(name, launch)])),
  }).flatMap(([name, parameter]) => {
    const valueFrom = parameters[parameter]
    return valueFrom === undefined ? [] : [{ name, valueFrom }]
  })
