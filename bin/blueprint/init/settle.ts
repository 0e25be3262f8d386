import { isDatabase, withDataInside } from './databases.ts'
import type { ContainerDraft, Draft } from './draft.ts'
import { askedBy, escaped, isOwnAddress, looksSecret, secretQuestion } from './draft.ts'

/** A container as a blueprint has it. */
export interface SettledContainer extends ContainerDraft {
  readonly secrets: readonly string[]
}

export interface SettledDraft {
  readonly name: string
  readonly source: string
  readonly containers: readonly SettledContainer[]
  readonly traffic: {
    readonly container: string
    readonly port?: number
    readonly healthPath?: string
  }
  readonly dataDirectory: string
  /** For the whole blueprint, by what they are about. */
  readonly questions: Readonly<Record<'traffic' | 'data', readonly string[]>>
}

const inData = `\${DATA_DIRECTORY}`

/** Sitewright sets these itself. */
const isReserved = (name: string): boolean =>
  ['PORT', 'HOST', 'DATA_DIRECTORY', 'FILES_DIRECTORY'].includes(name) || name.startsWith('SITEWRIGHT_')

/** The host in a value that names another container: alone, or in an address. */
const withoutHosts = (value: string, names: readonly string[]): string =>
  names.reduce(
    (text, name) =>
      text === name
        ? '127.0.0.1'
        : text.replace(new RegExp(`(?<=@|//|\\(|\\bhost=)${name}(?=[:/)\\s]|$)|^${name}(?=:\\d)`, 'g'), '127.0.0.1'),
    value,
  )

/** Values that look secret, by value, with the name of the first variable that has each. */
const secretsOf = (containers: readonly ContainerDraft[]): ReadonlyMap<string, string> => {
  const secrets = new Map<string, string>()
  for (const [name, value] of containers.flatMap(({ environment }) => Object.entries(environment))) {
    if (looksSecret(name, value) && !secrets.has(value || name)) secrets.set(value || name, name)
  }
  return secrets
}

/** Shorter values also occur in other texts. */
const shortest = 4

/** Shorter values may also be the name of a user, a database or a scheme: `postgres://postgres:postgres@db/postgres`. */
const unmistakable = 12

/** Where a text has a password: between a user and a host, or behind a key that says so. */
const asPassword = (value: string): RegExp => {
  const text = value.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const key = `(?:pass(?:word|wd)?|pwd|secret|token|key)["']?(?:\\s*[=:]\\s*|\\s+)["']?`
  return new RegExp(`(?<=:)${text}(?=@)|(?<=${key})${text}(?=$|[&;,}\\s"'])`, 'gi')
}

const withSecrets = (text: string, secrets: ReadonlyMap<string, string>): string =>
  [...secrets]
    .filter(([value]) => value.length >= shortest)
    .reduce((changed, [value, name]) => {
      const found = escaped(value)
      return changed.replaceAll(value.length < unmistakable ? asPassword(found) : found, () => `\${secret.${name}}`)
    }, text)

/** The secrets whose former values the arguments of a container's commands have. */
const secretsInCommands = (
  { command = [], health = [] }: ContainerDraft,
  secrets: ReadonlyMap<string, string>,
): readonly string[] => {
  const words = [...command.slice(1), ...health.slice(1)]
  return [...secrets]
    .filter(([value, name]) => value.length >= shortest && value !== name && words.some((word) => word.includes(value)))
    .map(([, name]) => name)
}

const withDirectory = (text: string, volumes: readonly string[], dataDirectory: string): string =>
  volumes.reduce((changed, volume) => {
    if (changed !== volume && !changed.startsWith(`${volume}/`)) return changed
    const below = volume === dataDirectory ? '' : `/${volume.split('/').at(-1)}`
    return `${inData}${below}${changed.slice(volume.length)}`
  }, text)

/** What all containers share. */
interface Around {
  readonly hosts: readonly string[]
  readonly secrets: ReadonlyMap<string, string>
  readonly volumes: readonly string[]
  readonly dataDirectory: string
}

const settleContainer = (
  container: ContainerDraft,
  { hosts, secrets, volumes, dataDirectory }: Around,
): SettledContainer => {
  const settled = Object.entries(container.environment).flatMap(([name, value]) => {
    const secret = looksSecret(name, value) ? secrets.get(value || name) : undefined
    if (isReserved(name) || secret === name) return []
    if (secret !== undefined) return [[name, `\${secret.${secret}}`]]
    // Values of ours have templates already.
    if (value.startsWith(inData)) return [[name, value]]
    if (isOwnAddress(name, value)) return [[name, `\${SITE_URL}`]]
    return [[name, withDirectory(withSecrets(escaped(withoutHosts(value, hosts)), secrets), volumes, dataDirectory)]]
  })
  const environment: Record<string, string> = Object.fromEntries(settled)
  const own = Object.keys(container.environment).filter(
    (name) => [...secrets.values()].includes(name) && looksSecret(name, container.environment[name] ?? ''),
  )
  const mentioned = Object.values(environment).flatMap((text) =>
    [...text.matchAll(/\$\{secret\.([^}]+)\}/g)].map(([, name = '']) => name),
  )
  const command = container.command?.map((word, index) => {
    if (word.includes(inData)) return word
    // A program may be called as its service is.
    return escaped(index === 0 ? word : withoutHosts(word, hosts))
  })
  const health = container.health?.map(escaped)
  return {
    ...container,
    environment,
    ...(command === undefined ? {} : { command }),
    ...(health === undefined ? {} : { health }),
    secrets: [...new Set([...own, ...mentioned])].filter((name) => !(name in environment)),
    questions: [...new Set([...container.questions, ...secretsInCommands(container, secrets).map(secretQuestion)])],
  }
}

const portOf = (container: ContainerDraft): { readonly port?: number; readonly questions: readonly string[] } => {
  const ports = [...new Set(container.ports)].filter((port) => Number.isInteger(port))
  const asked = askedBy(container.health).port
  const [port, ...others] = asked === undefined ? ports : [asked, ...ports.filter((one) => one !== asked)]
  if ('PORT' in container.environment) return { questions: [] }
  if (port === undefined)
    return { questions: ['Does it listen on PORT? If not, `port` names the port that it listens on.'] }
  if (port < 1024) {
    return {
      questions: [
        `It listens on ${port}, which only root may. By which setting does it listen on PORT, or on a port from 1024?`,
        `If by none: does it work with \`port: ${port}\`, and NET_BIND_SERVICE in \`capabilities\`?`,
      ],
    }
  }
  const more = others.length === 0 ? [] : [`It also listens on ${others.join(', ')}. Is ${port} the one for visitors?`]
  return { port, questions: more }
}

/** Makes of what a source says what a blueprint can say, and asks for the rest. */
export const settle = ({ source, name, containers: given }: Draft): SettledDraft => {
  const containers = given.map(withDataInside)
  const products = containers.filter((container) => !isDatabase(container))
  const visited = products.find(({ isPublished }) => isPublished) ?? products[0] ?? containers[0]
  if (visited === undefined) throw new Error('a draft has a container')
  const volumes = [...new Set(containers.flatMap((container) => container.volumes))]
  const [only] = volumes
  const dataDirectory = volumes.length === 1 && only !== undefined ? only : '/data'
  const { port, questions } = portOf(visited)
  const healthPath = askedBy(visited.health).path
  const others = products.filter((container) => container !== visited && container.isPublished)
  const around = {
    hosts: containers.map(({ name, host }) => host ?? name),
    secrets: secretsOf(containers),
    volumes,
    dataDirectory,
  }
  return {
    source,
    name,
    containers: containers.map((container) => settleContainer(container, around)),
    traffic: {
      container: visited.name,
      ...(port === undefined ? {} : { port }),
      ...(healthPath === undefined ? {} : { healthPath }),
    },
    dataDirectory,
    questions: {
      traffic: [
        ...questions,
        ...(healthPath === undefined
          ? ['Which path answers 2xx without a session, once it can serve? / is asked now.']
          : []),
        ...others.map((other) => `Visitors reach one container: how do they reach '${other.name}'?`),
      ],
      data: [
        ...(volumes.length === 0
          ? [`Where does it store data? It has to be in this directory, by a setting with ${inData}.`]
          : []),
        ...(volumes.length > 1
          ? [`It stores data in ${volumes.join(', ')}. By which settings does each go below ${inData}?`]
          : []),
      ],
    },
  }
}
