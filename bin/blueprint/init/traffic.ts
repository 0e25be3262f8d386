import { askedBy, type ContainerDraft, literal, pathOfOwn, those } from './draft.ts'
import { plain } from './variables.ts'

const data = `\${DATA_DIRECTORY}`

/** How a database keeps its data below the archived directory. */
interface Database {
  readonly pattern: RegExp
  readonly port: number
  /** Where its image has data. */
  readonly place: string
  /** Names its directory. */
  readonly variable?: string
  /** The command with that setting. @param own its directory, which no other container uses. @param image its name alone. */
  readonly command?: (own: string, image: string) => readonly string[]
  /** It does not start where its directory is missing. */
  readonly needsDirectory?: true
  readonly health: readonly string[]
  /** A check of a source that asks at its socket, where it also answers while its image makes the data. */
  readonly bySocket?: RegExp
  /** Where such a check names its port. */
  readonly portOption?: RegExp
  /** Where it writes sockets and such. */
  readonly writable?: string
}

const mysqlBySocket =
  /^(?!.*(?:\s(?:-h|--host)(?![=\s]*["']?localhost)|protocol[=\s]tcp)).*(?<![\w-])(?:mysql|mariadb)(?:-?admin)?(?:\s|$)/is
const mysqlPort = /\s(?:-P|--port)[=\s]*["']?(\d+)/

const databases: readonly Database[] = [
  {
    pattern: /postgres|postgis|timescale|pgvect/,
    port: 5432,
    place: '/var/lib/postgresql',
    variable: 'PGDATA',
    health: ['pg_isready', '--host', '127.0.0.1'],
    bySocket: /^(?!.*(?:\s(?:-h|--host)(?![=\s]*["']?\/)|:\/\/)).*\b(?:pg_isready|psql)\b/s,
    portOption: /\s(?:-p|--port)[=\s]*["']?(\d+)/,
    writable: '/var/run/postgresql',
  },
  {
    pattern: /mariadb/,
    port: 3306,
    place: '/var/lib/mysql',
    command: (own) => ['mariadbd', `--datadir=${own}`],
    health: ['healthcheck.sh', '--connect'],
    bySocket: mysqlBySocket,
    portOption: mysqlPort,
    writable: '/run/mysqld',
  },
  {
    pattern: /mysql/,
    port: 3306,
    place: '/var/lib/mysql',
    command: (own) => ['mysqld', `--datadir=${own}`],
    health: ['mysqladmin', 'ping', '--host', '127.0.0.1'],
    bySocket: mysqlBySocket,
    portOption: mysqlPort,
    writable: '/var/run/mysqld',
  },
  {
    pattern: /^mongo(?:db)?$/,
    port: 27_017,
    place: '/data/db',
    // The official image makes the first user in front of this. Others do not have that script.
    command: (own, image) => [...those(image === 'mongo' && 'docker-entrypoint.sh'), 'mongod', '--dbpath', own],
    needsDirectory: true,
    health: ['mongosh', '--quiet', '--eval', 'db.adminCommand("ping")'],
  },
  {
    pattern: /^(?:redis|valkey)(?:-stack-server)?$/,
    port: 6379,
    place: '/data',
    command: (own) => ['redis-server', '--dir', own],
    needsDirectory: true,
    health: ['redis-cli', 'ping'],
  },
]

/** What only works with a database has its name too. */
const besides = /admin|backup|bouncer|dump|export|express|meta|postgrest|proxy/

const imageName = ({ image }: Pick<ContainerDraft, 'image'>): string =>
  /[^/]*$/.exec(image.replace(/[:@].*$/, ''))?.[0] ?? ''

const databaseOf = (container: Pick<ContainerDraft, 'image'>): Database | undefined => {
  const name = imageName(container)
  return besides.test(name) ? undefined : databases.find(({ pattern }) => pattern.test(name))
}

export const isDatabase = (container: Pick<ContainerDraft, 'image'>): boolean => databaseOf(container) !== undefined

/** Where a container listens: databases have a port of their own. */
const listensOn = (container: ContainerDraft): readonly number[] => [
  ...new Set([databaseOf(container)?.port ?? [], container.ports].flat()),
]

export const isWithin = (path: string, other: string): boolean => `${path}/`.startsWith(`${other}/`)

/** The words before the options of its own program, which ours replaces. */
const program = /^(?:[\w./-]*\/)?(?:docker-entrypoint\.sh|mysqld|mariadbd|mongod|(?:redis|valkey)-server)$/

/** Where the options begin, or -1. */
const optionsAt = (words: readonly string[]): number => words.findIndex((word) => !program.test(word))

/** The options of a source but for those that ours set too: MongoDB refuses one that comes twice. */
const withoutOurs = (words: readonly string[], ours: readonly string[]): readonly string[] => {
  const names = ours.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''))
  return words.filter((word, at) =>
    names.every((name) => word !== name && words[at - 1] !== name && !word.startsWith(`${name}=`)),
  )
}

/** The check of a source, or ours: the other containers must not meet a database that is only being made. */
const checkOf = ({ health, notes = [] }: ContainerDraft, { health: ours, bySocket, portOption }: Database) => {
  const words = health?.join(' ') ?? ''
  if (bySocket?.test(words) !== true) return { health: health ?? ours, notes }
  // A draft has no password of its source.
  const shown = words.replace(/(\s-p|(?:password|pwd)[=\s])(?:"[^"]*"|'[^']*'|\S+)/gi, '$1…')
  const port = portOption?.exec(words)?.[1]
  // MariaDB's script takes no port.
  const takesPort = ours[0] === 'healthcheck.sh' ? ['mariadb-admin', 'ping', '--host', '127.0.0.1'] : ours
  return {
    health: port === undefined ? ours : [...takesPort, '--port', port],
    notes: [...notes, `\`healthcheck: ${shown}\``],
  }
}

/** Moves the data of a database below the data directory. Other containers stay as they are. */
export const withDataInside = (container: ContainerDraft): ContainerDraft => {
  const database = databaseOf(container)
  if (database === undefined) return container
  const { variable, writable, place, needsDirectory } = database
  const own = `${data}/${container.name}`
  const command = database.command?.(own, imageName(container))
  const words = container.command ?? []
  const first = optionsAt(words)
  const rest = first < 0 ? [] : withoutOurs(words.slice(first), command ?? [])
  const more = container.volumes.flatMap(({ path }) => those(!isWithin(path, place) && path)).join(', ')
  const made = needsDirectory ? ['sh', '-c', 'mkdir -p "$0" && exec "$@"', own] : []
  // A shell or another program has to stay as it is.
  const isOurs = words.length === 0 || first !== 0 || words[0]?.startsWith('-') === true
  return {
    ...container,
    volumes: [],
    environment: { ...container.environment, ...(variable && { [variable]: own }) },
    ...checkOf(container, database),
    writable: [...new Set([...container.writable, ...those(writable)])],
    // Ours come last: a file of settings has to be in front.
    command: command && isOurs ? [...made, ...command.toSpliced(optionsAt(command), 0, ...rest)] : container.command,
    questions: [
      ...container.questions,
      ...those(
        more !== '' && `It also has ${more}: is that data? It has to be below ${data}.`,
        isOurs && command?.[0] === 'mongod' && 'It starts without the script of its image: who makes its first user?',
        command &&
          !isOurs &&
          `Its data has to be in ${data}: does its command have what \`${command.join(' ')}\` says?${needsDirectory ? ' It has to make that directory first.' : ''}`,
      ),
    ],
  }
}

/** Whether settings have the PORT of the visited container as a number: Sitewright would choose another, and replaces it nowhere else. */
const isNamed = (port: string, visited: ContainerDraft, containers: readonly ContainerDraft[]): boolean => {
  const names = visited.hosts ?? [visited.name]
  return containers.some((container) => {
    const isOwn = container === visited
    const hosts = isOwn ? [...names, 'localhost', '127.0.0.1', '0.0.0.0'] : names
    const address = new RegExp(`(?<![\\w.-])(?:${hosts.map(literal).join('|')})[:\\s]${port}(?!\\d)`)
    const { environment, files = {}, command = [], health = [] } = container
    const settings = Object.entries({ ...environment, ...files }).flatMap(([name, text]) =>
      those(name !== 'PORT' && pathOfOwn(name, plain(text)) === undefined && plain(text)),
    )
    const texts = [...settings, ...command, ...(isOwn && askedBy(health).path !== undefined ? [] : health)]
    return (
      texts.some((text) => address.test(text)) ||
      (texts.includes(port) && (isOwn || hosts.some((host) => texts.includes(host))))
    )
  })
}

/** Where visitors reach a container, as far as a source tells it. */
const portOf = (
  container: ContainerDraft,
  containers: readonly ContainerDraft[],
): { port?: number; questions: readonly string[] } => {
  const asked = askedBy(container.health).port
  const all = [...new Set([asked ?? [], container.ports].flat())].filter(Number.isInteger)
  const port = asked ?? all.find((one) => one >= 1024) ?? all[0]
  const others = all.filter((one) => one !== port)
  const own = container.environment['PORT']
  if (own !== undefined) {
    const number = /^\d+$/.exec(plain(own))?.[0] ?? '0'
    const isKept = Number(number) >= 1024 && isNamed(number, container, containers)
    return { ...(isKept && { port: Number(number) }), questions: [] }
  }
  if (port === undefined)
    return { questions: ['Does it listen on PORT? If not, `port` names the port that it listens on.'] }
  const low = [port, ...others].find((one) => one < 1024)
  const questions = those(
    others.length > 0 && `It also listens on ${others.join(', ')}. Is ${port} the one for visitors?`,
    low !== undefined &&
      `It listens on ${low}, which only root may. By which setting does it listen on PORT, or on a port from 1024?`,
    low !== undefined && `If by none: does it work with \`port: ${low}\`, and NET_BIND_SERVICE in \`capabilities\`?`,
  )
  return port < 1024 ? { questions } : { port, questions }
}

/** All containers of a site share one address. */
const collisionsOf = (containers: readonly ContainerDraft[]): readonly string[] =>
  containers.flatMap((one, index) =>
    containers.slice(index + 1).flatMap((other) => {
      const port = listensOn(one).find((number) => listensOn(other).includes(number))
      const isSame = one.image === other.image && String(one.command) === String(other.command)
      if (port === undefined && !isSame) return []
      const where = port === undefined ? 'run one image, maybe on one port' : `both listen on ${port}`
      return [`'${one.name}' and '${other.name}' ${where}, at one address: by which setting does one listen elsewhere?`]
    }),
  )

/** Where visitors reach the site, and what to ask about that. */
export const trafficOf = (
  visited: ContainerDraft,
  products: readonly ContainerDraft[],
  containers: readonly ContainerDraft[],
) => {
  const { port, questions } = portOf(visited, containers)
  const healthPath = askedBy(visited.health).path
  const others = products.filter((container) => container !== visited && container.isPublished)
  return {
    traffic: { container: visited.name, port, healthPath },
    questions: [
      ...those(
        !visited.isPublished &&
          products.length > 1 &&
          `No container has \`ports\`: is '${visited.name}' the one that visitors reach?`,
      ),
      ...questions,
      ...those(
        healthPath === undefined && 'Which path answers 2xx without a session, once it can serve? / is asked now.',
      ),
      ...collisionsOf(containers),
      ...others.map((other) => `Visitors reach one container: how do they reach '${other.name}'?`),
    ],
  }
}

/** What a machine with Docker has beside its products. */
const ofMachine = /traefik|certbot|acme|letsencrypt|watchtower|portainer|autoheal/

export const machineQuestion = (container: ContainerDraft): readonly string[] =>
  those(
    (ofMachine.test(imageName(container)) || ofMachine.test(container.name)) &&
      'Sitewright sees to HTTPS, restarts and new versions itself: does a site need this container?',
  )

/** Tools of developers, which visitors do not come for. */
const tools =
  /^(?:adminer|php-?myadmin|pgadmin\d?|mail(?:hog|pit|dev|catcher)|flower|redis-?commander|redis-?insight|mongo-express)$/

/** What strangers reach rather than the machine, and what stands in front of others rather than these. */
export const visitedOf = (all: readonly ContainerDraft[]): ContainerDraft | undefined => {
  const others = all.filter((container) => !tools.test(imageName(container)))
  const products = others.length > 0 ? others : all
  const published = products.filter(({ isPublished }) => isPublished)
  const open = published.filter(({ isLocal }) => isLocal !== true)
  const found = [open, published].find(({ length }) => length > 0) ?? products
  return found.find(({ name }) => !found.some(({ after }) => after.includes(name))) ?? found[0]
}

export const isHostName = /(?:^|[_.-]|[a-z])(?:HOST|HOSTNAME|HOSTS)$/i
/** A database and its user are often called as the service is. */
export const isOtherName = /(?:[a-z\d]_DB|[a-z\d_]DATABASE|(?:DB|DATABASE)_?NAME|USER|USERNAME|IMAGE)$|_IMAGE_/i
const hostOption = /^(?:-h|--?(?:[\w-]+[-_.])?host(?:name)?=?)$/i

const hostKey = '\\b(?:host|server|data source|addr(?:ess)?)\\s*=\\s*(?:tcp:)?'
const otherKey = '(?:name|database|db|catalog|user(?: ?id)?|uid|password|pwd)\\s*=\\s*'

/** The host in an address, or behind a key that says so. A word alone is one only where `isHost` says so. */
export const withoutHosts = (value: string, names: readonly string[], isHost: boolean): string =>
  names.reduce((text, name) => {
    if (text === name) return isHost ? '127.0.0.1' : text
    const word = literal(name)
    const position = `(?<=://(?:[^/@\\s]*@)?|[\\w!%]@|[@\\s]tcp\\(|/dev/tcp/|${hostKey})${word}(?![\\w.-]|(?::[^/\\s]*)?@)`
    const withPort = `(?<![\\w./@-])${word}(?=:\\d{2,5}(?![\\w.@]))`
    return text.replace(new RegExp(`${position}|${withPort}`, 'gi'), '127.0.0.1')
  }, value)

/** A word of a command, which may be the value of the option before it. */
export const wordWithoutHosts = (word: string, before: string, names: readonly string[]): string => {
  const option = /^--?[\w.-]+=(?=.*$)/.exec(word)?.[0] ?? ''
  return option + withoutHosts(word.slice(option.length), names, hostOption.test(option || before))
}

/** Whether a text has a word that stands alone. */
export const hasWord = (text: string, word: string): boolean =>
  new RegExp(`(?<![\\w./:@-])${literal(word)}(?![\\w.:=/-])`).test(text)

/** Whether a text has one of these names where a host may stand: alone, or as a part of settings such as `cache,ssl=False`. */
export const mayHaveHost = (text: string, names: readonly string[]): boolean =>
  names.some((name) => {
    const part = new RegExp(`(?<=(?:^|[=;,])\\s*)(?<!${otherKey})${literal(name)}(?=\\s*(?:[;,]|$))`, 'i')
    return text === name || (text.includes('=') && part.test(text))
  })
