import { type ContainerDraft, type Draft, escaped, mayBeOwn, nameless, pathOfOwn, those } from './draft.ts'
import {
  findable,
  isReserved,
  keysOf,
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
  machineQuestion,
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

const isWithin = (path: string, other: string): boolean => `${path}/`.startsWith(`${other}/`)

/** What containers store at each path, as a subdirectory of the data: one for the paths of one volume, and none that a container names. */
const subdirectoriesOf = (
  paths: readonly string[],
  originsOf: (path: string) => readonly string[],
  names: readonly string[],
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  for (const path of paths) {
    const origins = originsOf(path).filter((origin) => origin !== nameless)
    const same = [...found.keys()].find((other) => originsOf(other).some((origin) => origins.includes(origin)))
    const [last = '', whole = ''] = [path.split('/').at(-1) ?? '', path.slice(1).replaceAll('/', '-')].map((text) =>
      text.replace(/^\W+/, ''),
    )
    const taken = [...names, ...found.values()]
    const own = [last, whole].find((name) => name !== '' && !taken.includes(name)) ?? `${whole}-data`
    found.set(path, found.get(same ?? '') ?? own)
  }
  return found
}

/** The directory in the data for the longest path that a text is within. */
const withDirectory = (text: string, places: ReadonlyMap<string, string>): string =>
  [...places]
    .toSorted(([path], [other]) => other.length - path.length)
    .reduce(
      (changed, [path, directory]) =>
        isWithin(changed, path) ? `${inData}${directory && `/${directory}`}${changed.slice(path.length)}` : changed,
      text,
    )

/** A container has as many, at such paths. */
const maxMounts = 8
const isMountable = (path: string): boolean => /^\/[\w./-]+$/.test(path)

/** Whether a path may have something already, which an empty directory would hide: the code of a product, or its packages. */
const mayHide = (origin: string): boolean => origin === nameless || /^[./~]/.test(origin)

/** What all containers share. */
interface Around {
  readonly hosts: readonly string[]
  readonly secrets: Secrets
  /** The subdirectory of the data for each path, which is empty for the data directory itself. */
  readonly places: ReadonlyMap<string, string>
  readonly visited: string
  /** Of databases and users. */
  readonly names: ReadonlySet<string>
}

const settleContainer = (container: ContainerDraft, { hosts, secrets, places, visited, names }: Around) => {
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
    if (!isHost && !isOtherName.test(name) && hosts.includes(plain(text))) suspects.push(name)
    return [[name, place(settledText(text, isHost))]]
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
    ...addresses.map((one) => `${one}: is it the address of the product? Then it is \`\${SITE_URL}\`.`),
    ...those(
      suspects.length > 0 &&
        `${[...new Set(suspects)].join(', ')}: is it the host of the container with that name? Then it is 127.0.0.1.`,
      held.length > 0 &&
        `${held.join(', ')}: random for each site, as 43 letters, digits, - and _. Does one need another form? Does another service give one of them? Then people set it: \`given\` in sitewright.yaml, \`variables\` with \`secret: true\` in a blueprint.`,
    ),
  ]
  const mounts = container.volumes.flatMap((path) => {
    const directory = isMountable(path) && !mayHide(container.origins?.[path] ?? '') && places.get(path)
    return directory ? [{ path, directory }] : []
  })
  return {
    ...{ ...container, environment, command, health, files, secrets: held, notes },
    ...{ mounts: mounts.slice(0, maxMounts), questions: [...new Set(questions)] },
  }
}

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

/** Makes of what a source says what a blueprint can say, and asks for the rest: by what the questions are about. */
export const settle = ({ source, name, containers: given, notes = [], questions: top = [] }: Draft) => {
  const containers = given.map(withDataInside)
  const products = containers.filter((container) => !isDatabase(container))
  const visited = visitedOf(products) ?? containers[0]
  if (visited === undefined) throw new Error('a draft has a container')
  const volumes = [...new Set(containers.flatMap((container) => container.volumes))]
  const only = volumes.length === 1 ? volumes[0] : undefined
  const originsOf = (path: string): readonly string[] => [
    ...new Set(containers.flatMap(({ volumes: own, origins }) => those(own.includes(path) && origins?.[path]))),
  ]
  const withOrigin = (path: string) => [path, ...originsOf(path).map((origin) => `(${origin})`)].join(' ')
  // A database stores in the data directory, so that is no directory of the product: it may serve or delete what is there.
  const own = products.length === containers.length ? only : undefined
  const isFree = (path: string) => !volumes.some((other) => isWithin(path, other) || isWithin(other, path))
  const dataDirectory = own ?? ['/data', '/site-data'].find(isFree) ?? '/srv/site-data'
  const names = containers.map((container) => container.name)
  const { traffic, questions } = trafficOf(visited, products, containers)
  const places = own === undefined ? subdirectoriesOf(volumes, originsOf, names) : new Map([[own, '']])
  const around = {
    hosts: containers.flatMap(({ name, hosts }) => hosts ?? [name]),
    secrets: secretsOf(containers),
    places,
    visited: visited.name,
    names: new Set(
      containers.flatMap(({ environment }) =>
        Object.entries(environment).flatMap(([key, text]) => those(isOtherName.test(key) && plain(text))),
      ),
    ),
  }
  return {
    source,
    name,
    containers: containers.map((container) => {
      const settled = settleContainer(container, around)
      // The questions about traffic name those of the visited one.
      const heard = container !== visited && container.ports.length > 0 && `\`ports: ${container.ports.join(', ')}\``
      const after = needsOf(container, containers.filter(isDatabase))
      return { ...settled, after, notes: [...settled.notes, ...those(heard)] }
    }),
    traffic,
    dataDirectory,
    notes,
    questions: {
      top,
      traffic: questions,
      data: those(
        volumes.length === 0 &&
          `Where does it store data? It has to be in this directory, by a setting with ${inData}.`,
        ...volumes.map(
          (path) =>
            originsOf(path).some(mayHide) &&
            `It stores data in ${withOrigin(path)}. A site's is empty at first: does it start without what is there? If not, copy that into the image.${own === undefined ? ` If so, \`mounts\` needs \`path: ${path}\` and \`directory: ${places.get(path)}\`.` : ''}`,
        ),
        ...volumes.map(
          (path) =>
            originsOf(path).length > 1 &&
            `${originsOf(path).join(' and ')} are all at ${path}, one directory of a site: by which setting does one go elsewhere?`,
        ),
        own === undefined &&
          volumes.length > 0 &&
          `It stores data in ${volumes.map(withOrigin).join(', ')}. By which settings does each go below ${inData}? \`mounts\` needs none, and AWS has no \`mounts\`.`,
      ),
    },
  }
}

export type SettledDraft = ReturnType<typeof settle>
