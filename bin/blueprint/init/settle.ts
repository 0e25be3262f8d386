import { isReserved } from '../../../lambdas/blueprints/require-publishable.ts'
import {
  type ContainerDraft,
  type Draft,
  escaped,
  hostsQuestion,
  mayBeOwn,
  nameless,
  pathOfOwn,
  those,
  type Volume,
} from './draft.ts'
import {
  findable,
  keysOf,
  randomIn,
  type Secrets,
  secretQuestion,
  secretsOf,
  suspectedIn,
  withSecrets,
} from './secrets.ts'
import {
  hasWord,
  isDatabase,
  isHostName,
  isOtherName,
  isWithin,
  machineQuestion,
  mayHaveHost,
  trafficOf,
  visitedOf,
  withDataInside,
  withoutHosts,
  wordWithoutHosts,
} from './traffic.ts'
import { plain, rewriteVariables } from './variables.ts'

/** An address that a program listens on. */
const isListening = /^(?:0\.0\.0\.0|127\.0\.0\.1|localhost|::1?|\[::1?\])$/

const inData = `\${DATA_DIRECTORY}`

/** Stands for the `$` of a template until texts are escaped. */
const template = '\uE010'

/** Whether a path may have something already, which an empty directory would hide: the code of a product, or its packages. */
const mayHide = ({ origin = '' }: Volume): boolean => origin === nameless || /^[./~]/.test(origin)

const volumeText = ({ path, origin }: Volume): string => (origin === undefined ? path : `${path} (${origin})`)

/** What is the same volume has the same key: containers share those that have a name. */
const volumeKey = ({ name }: ContainerDraft, { path, origin = nameless }: Volume): string =>
  origin === nameless ? `${name} ${path}` : origin

/** The subdirectory of the data for each volume, by its key. Databases have those of their names. */
const directoriesOf = (containers: readonly ContainerDraft[]): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const ofDatabases = containers.filter(isDatabase).map(({ name }) => name)
  for (const container of containers) {
    for (const volume of container.volumes) {
      const { path, origin = nameless } = volume
      const isNamed = /^\w[\w.-]*$/.test(origin)
      const last = path.split('/').at(-1) ?? ''
      const whole = path.slice(1).replaceAll('/', '-')
      const names = [isNamed ? origin : last, whole, `${container.name}-${whole}`].map((one) => one.replace(/^\W+/, ''))
      const taken = [...ofDatabases, ...found.values()]
      const own = names.find((one) => one !== '' && !taken.includes(one)) ?? `${whole}-data`
      const key = volumeKey(container, volume)
      found.set(key, found.get(key) ?? own)
    }
  }
  return found
}

/** The volumes of a container with their directories: an empty one is the data directory itself. */
const placesOf = (container: ContainerDraft, directories: ReadonlyMap<string, string> | undefined) =>
  container.volumes.map((volume) => ({ ...volume, directory: directories?.get(volumeKey(container, volume)) ?? '' }))

/** The directory in the data for the longest path that a text is within. */
const withDirectory = (text: string, places: ReturnType<typeof placesOf>): string => {
  const around = places.filter(({ path }) => isWithin(text, path))
  const [longest] = around.toSorted((one, other) => other.path.length - one.path.length)
  if (longest === undefined) return text
  const { path, directory } = longest
  return `${inData}${directory && `/${directory}`}${text.slice(path.length)}`
}

/** A container has as many, at such paths. */
const maxMounts = 8
const isMountable = (path: string): boolean => /^\/[\w./-]+$/.test(path)

/** The names of containers that start before: also databases whose host is in a variable. Compose starts a product again until these answer, and a site that ends starts all of them again. */
const needsOf = (container: ContainerDraft, databases: readonly ContainerDraft[]): readonly string[] => {
  const namesAny = (hosts: readonly string[]): boolean =>
    Object.entries(container.environment).some(([name, text]) => {
      const value = plain(text)
      return withoutHosts(value, hosts, isHostName.test(name)) !== value
    })
  const named = databases.filter(({ name, hosts, after }) => after.length === 0 && namesAny(hosts ?? [name]))
  return isDatabase(container) ? container.after : [...new Set([...container.after, ...named.map(({ name }) => name)])]
}

const userQuestion = ({ user }: ContainerDraft): readonly string[] =>
  those(
    user !== undefined &&
      (/^(?:root|0)(?::|$)/.test(user)
        ? 'The image runs as root. Sites do not: does it work as another user?'
        : `The image runs as ${user}, and each site as a user of its own: can everybody read the files of the image?`),
  )

/** What all containers share. */
interface Around {
  readonly hosts: readonly string[]
  readonly secrets: Secrets
  /** Absent where the data directory is the only volume. */
  readonly directories: ReadonlyMap<string, string> | undefined
  readonly visited: string
  /** Whether the health path of that is known. */
  readonly isAsked: boolean
  readonly databases: readonly ContainerDraft[]
  /** Of databases and users. */
  readonly names: ReadonlySet<string>
}

const settleContainer = (container: ContainerDraft, around: Around) => {
  const { hosts, secrets, directories, visited, isAsked, names, databases } = around
  const places = placesOf(container, directories)
  const place = (text: string): string => {
    const placed = withDirectory(text, places)
    return Object.entries(container.paths ?? {}).find(([from]) => from === placed)?.[1] ?? placed
  }
  const settledText = (text: string, isHost: boolean): string => {
    // A mark keeps a template of ours from being escaped.
    const filled = rewriteVariables(text, (name, value = '') => {
      const secret = secrets.get(`$${name}`)
      return secret === undefined ? value : `${template}{secret.${secret}}`
    })
    return withSecrets(escaped(withoutHosts(filled, hosts, isHost)), secrets, names).replaceAll(template, '$')
  }
  const suspects: string[] = []
  const addresses: string[] = []
  const others = hosts.filter((name) => !(container.hosts ?? [container.name]).includes(name))
  const reserved = Object.entries(container.environment)
    .map(([name, text]) => ({ name, value: plain(text) }))
    .filter(({ name, value }) => isReserved(name) && value !== '')
    .map((one) => {
      const isUsual = one.name === 'PORT' ? container.name === visited : isListening.test(one.value)
      // An `env_file` is often for all.
      return { ...one, isUsual: isUsual || isDatabase(container) }
    })
  const notes = [
    ...(container.notes ?? []),
    ...reserved.flatMap(({ name, value, isUsual }) => those(isUsual && `\`${name}: ${value}\``)),
    // The questions about traffic name those of the visited one.
    ...those(container.name !== visited && container.ports.length > 0 && `\`ports: ${container.ports.join(', ')}\``),
  ]
  const secretOf = (name: string, text: string): string | undefined =>
    keysOf(name, text).flatMap((key) => secrets.get(key) ?? [])[0]
  const settled = Object.entries(container.environment).flatMap(([name, text]) => {
    const secret = secretOf(name, text)
    if (isReserved(name) || secret === name) return []
    if (secret !== undefined) return [[name, `\${secret.${secret}}`]]
    // Values of ours have templates already.
    if (text.startsWith(inData)) return [[name, text]]
    const path = pathOfOwn(name, plain(text))
    if (path !== undefined) {
      notes.push(`\`${name}: ${plain(text)}\``)
      return [[name, `\${SITE_URL}${escaped(path)}`]]
    }
    if (container.name === visited && mayBeOwn(name, plain(text))) addresses.push(`\`${name}: ${plain(text)}\``)
    const isHost = isHostName.test(name)
    const changed = settledText(text, isHost)
    if (!isHost && !isOtherName.test(name) && mayHaveHost(changed, hosts)) suspects.push(name)
    return [[name, place(changed)]]
  })
  const environment: Record<string, string> = Object.fromEntries(settled)
  const files = Object.fromEntries(
    Object.entries(container.files ?? {}).map(([name, text]) => [name, settledText(text, false)]),
  )
  const own = Object.entries(container.environment).flatMap(([name, text]) =>
    those(keysOf(name, text).some((key) => secrets.get(key) === name) && name),
  )
  const mentioned = [...Object.values(environment), ...Object.values(files)].flatMap((text) =>
    [...text.matchAll(/(?<!\$)\$\{secret\.([^}]+)\}/g)].map(([, name = '']) => name),
  )
  const placedWords = (words: readonly string[] | undefined, suspected: readonly string[]) =>
    words?.map((word, index) => {
      if (word.includes(inData)) return word
      const changed = wordWithoutHosts(word, words[index - 1] ?? '', hosts)
      // A program may be called as its service is.
      if (index > 0 && changed === word && suspected.includes(word)) suspects.push(word)
      if (index > 0 && /\s/.test(word)) suspects.push(...others.filter((name) => hasWord(changed, name)))
      return escaped(changed)
    })
  const command = placedWords(container.command, hosts)
  const health = placedWords(container.health, others)
  const inCommands = [...(container.command ?? []).slice(1), ...(container.health ?? []).slice(1)]
  const held = [...new Set([...own, ...mentioned])].filter((name) => !(name in environment))
  const questions = [
    ...machineQuestion(container),
    ...container.questions,
    ...reserved.flatMap(({ name, value, isUsual }) =>
      those(!isUsual && `Sitewright sets ${name} itself: by which other setting does it get \`${value}\`?`),
    ),
    ...findable(secrets)
      .filter(([value]) => inCommands.some((word) => word.includes(value)))
      .map(([, name]) => secretQuestion(name)),
    ...suspectedIn(environment, secrets),
    ...randomIn(environment),
    ...Object.entries(container.name === visited ? environment : {}).flatMap((one) => hostsQuestion(...one)),
    ...addresses.map((one) => `${one}: is it the address of the product? Then it is \`\${SITE_URL}\`.`),
    ...those(
      suspects.length > 0 &&
        `${[...new Set(suspects)].join(', ')}: is it the host of the container with that name? Then it is 127.0.0.1.`,
      held.length > 0 &&
        `${held.join(', ')}: random for each site, as 43 letters, digits, - and _. Does one need another form? Does another service give one of them? Then people set it: \`given\` in sitewright.yaml, \`variables\` with \`secret: true\` in a blueprint.`,
    ),
  ]
  const mounts = places.filter((one) => one.directory !== '' && isMountable(one.path) && !mayHide(one))
  const { name, image, build, process, writable } = container
  return {
    fields: {
      ...{ name, image, build, process, command, environment, secrets: held, files },
      mounts: mounts.slice(0, maxMounts).map(({ path, directory }) => ({ path, directory })),
      writable,
      after: needsOf(container, databases),
      // Sitewright asks the container that visitors reach by its health path.
      health: health && !(name === visited && isAsked) ? { command: health } : undefined,
    },
    notes,
    questions: [...new Set([...questions, ...userQuestion(container)])],
  }
}

/** What to ask about data. */
const dataQuestions = (
  containers: readonly ContainerDraft[],
  directories: ReadonlyMap<string, string> | undefined,
): readonly string[] => {
  const all = containers.flatMap((container) => placesOf(container, directories))
  const hidden = new Map(all.filter(mayHide).map((one) => [volumeText(one), one]))
  return those(
    all.length === 0 && `Where does it store data? It has to be in this directory, by a setting with ${inData}.`,
    ...[...hidden].map(
      ([text, { path, directory }]) =>
        `It stores data in ${text}. A site's is empty at first: does it start without what is there? If not, copy that into the image.${directory && ` If so, \`mounts\` needs \`path: ${path}\` and \`directory: ${directory}\`.`}`,
    ),
    directories !== undefined &&
      all.length > 0 &&
      `It stores data in ${[...new Set(all.map(volumeText))].join(', ')}. By which settings does each go below ${inData}? \`mounts\` needs none, and AWS has no \`mounts\`.`,
  )
}

/** Makes of what a source says what a blueprint can say, and asks for the rest: by what the questions are about. */
export const settle = ({ source, name, containers: given, notes = [], questions: top = [] }: Draft) => {
  const containers = given.map(withDataInside)
  const products = containers.filter((container) => !isDatabase(container))
  const visited = visitedOf(products) ?? containers[0]
  if (visited === undefined) throw new Error('a draft has a container')
  const paths = [...new Set(containers.flatMap(({ volumes }) => volumes.map(({ path }) => path)))]
  const directories = directoriesOf(containers)
  // A database stores in the data directory, so that is no directory of the product: it may serve or delete what is there.
  const own = products.length === containers.length && directories.size === 1 && paths.length === 1
  const isFree = (path: string) => !paths.some((other) => isWithin(path, other) || isWithin(other, path))
  const free = ['/data', '/site-data'].find(isFree) ?? '/srv/site-data'
  const { traffic, questions } = trafficOf(visited, products, containers)
  const around = {
    hosts: containers.flatMap(({ name, hosts }) => hosts ?? [name]),
    secrets: secretsOf(containers),
    directories: own ? undefined : directories,
    visited: visited.name,
    isAsked: traffic.healthPath !== undefined,
    databases: containers.filter(isDatabase),
    names: new Set(
      containers.flatMap(({ environment }) =>
        Object.entries(environment).flatMap(([key, text]) => those(isOtherName.test(key) && plain(text))),
      ),
    ),
  }
  return {
    source,
    name,
    containers: containers.map((container) => settleContainer(container, around)),
    traffic,
    dataDirectory: (own && paths[0]) || free,
    notes,
    questions: { top, traffic: questions, data: dataQuestions(containers, around.directories) },
  }
}

export type SettledDraft = ReturnType<typeof settle>
