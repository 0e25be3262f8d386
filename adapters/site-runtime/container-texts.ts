import type { Blueprint, BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import {
  filesDirectory,
  interpolate,
  interpolateInPart,
  mentionsSecret,
  type Place,
  type Variables,
  variableKey,
} from '../../core/blueprint/interpolate.ts'
import type { Launch } from '../../core/ports/runtime.ts'

/** What the texts of a launch are made of. */
type Texts = Pick<Launch, 'environment' | 'facts' | 'secrets'>

/** Where the containers of a blueprint listen and store, as they see it. */
export const containerPlace = ({ data, traffic }: Blueprint, port: number): Place => ({
  host: '0.0.0.0',
  port: traffic.port ?? port,
  dataDirectory: data.directory,
  filesDirectory,
  homeDirectory: '/tmp',
})

const mapTexts = (texts: Variables, change: (text: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, change(text)]))

const ownSecrets = (container: BlueprintContainer, { secrets }: Texts): readonly (readonly [string, string])[] =>
  Object.entries(secrets).filter(([name]) => container.secrets.includes(name))

/** The variables that name where a container listens and stores. */
const placeVariables = (container: BlueprintContainer, place: Place): Variables => ({
  HOST: place.host,
  PORT: String(place.port),
  DATA_DIRECTORY: place.dataDirectory,
  ...(container.files === undefined ? {} : { FILES_DIRECTORY: place.filesDirectory }),
})

/** What the templates of a container may mention, without secrets. */
const openVariables = (container: BlueprintContainer, launch: Texts, place: Place): Variables => ({
  ...launch.facts,
  ...placeVariables(container, place),
})

const allVariables = (container: BlueprintContainer, launch: Texts, place: Place): Variables => ({
  ...openVariables(container, launch, place),
  ...Object.fromEntries(ownSecrets(container, launch).map(([name, value]) => [`secret.${name}`, value])),
})

/** Variables whose text mixes secrets with other text, by name: the text with secrets, and without. */
export const secretTexts = (container: BlueprintContainer, launch: Texts, place: Place) =>
  Object.entries(container.environment)
    .filter(([, text]) => mentionsSecret(text))
    .map(([name, text]) => ({
      name,
      value: interpolate(text, allVariables(container, launch, place)),
      open: interpolateInPart(text, openVariables(container, launch, place)),
    }))

/** The environment of a container without anything that holds a secret. */
export const openEnvironment = (container: BlueprintContainer, launch: Texts, place: Place): Record<string, string> =>
  containerEnvironment(
    {
      ...container,
      environment: Object.fromEntries(
        Object.entries(container.environment).filter(([, text]) => !mentionsSecret(text)),
      ),
    },
    { ...launch, secrets: {} },
    place,
  )

/** An empty one is not set. */
const ownVariables = ({ variables = [] }: BlueprintContainer, { facts = {} }: Texts): Record<string, string> =>
  Object.fromEntries(
    variables.flatMap((name) => {
      const value = facts[variableKey(name)]
      return value ? [[name, value] as const] : []
    }),
  )

/** The environment of a container, secrets included. */
export const containerEnvironment = (
  container: BlueprintContainer,
  launch: Texts,
  place: Place,
): Record<string, string> => ({
  HOME: place.homeDirectory,
  ...mapTexts(container.environment, (text) => interpolate(text, allVariables(container, launch, place))),
  ...ownVariables(container, launch),
  ...Object.fromEntries(ownSecrets(container, launch)),
  ...launch.environment,
  ...placeVariables(container, place),
})

/** A command for this launch; commands hold no secrets. */
export const containerCommand = (
  command: readonly string[],
  container: BlueprintContainer,
  launch: Texts,
  place: Place,
): readonly string[] => command.map((text) => interpolate(text, openVariables(container, launch, place)))

/** The files of a container by name, with the names of secrets instead of their values. */
export const openFiles = (container: BlueprintContainer, launch: Texts, place: Place): Variables =>
  mapTexts(container.files ?? {}, (text) => interpolateInPart(text, openVariables(container, launch, place)))

/** The files of a container by name, secrets included. */
export const containerFiles = (container: BlueprintContainer, launch: Texts, place: Place): Variables =>
  mapTexts(container.files ?? {}, (text) => interpolate(text, allVariables(container, launch, place)))
