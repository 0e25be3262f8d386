import { type ContainerDraft, those } from './draft.ts'

const data = `\${DATA_DIRECTORY}`

/** How a database keeps its data below the archived directory. */
interface Database {
  readonly pattern: RegExp
  readonly port: number
  /** Names its directory. */
  readonly variable?: string
  /** The command with that setting. @param own a directory that it makes itself. */
  readonly command?: (own: string) => readonly string[]
  readonly health: readonly string[]
  /** Where it writes sockets and such. */
  readonly writable?: string
}

const databases: readonly Database[] = [
  {
    pattern: /postgres|postgis|timescale|pgvector/,
    port: 5432,
    variable: 'PGDATA',
    health: ['pg_isready', '--host', '127.0.0.1'],
    writable: '/var/run/postgresql',
  },
  {
    pattern: /mariadb/,
    port: 3306,
    command: (own) => ['mariadbd', `--datadir=${own}`],
    health: ['healthcheck.sh', '--connect'],
    writable: '/run/mysqld',
  },
  {
    pattern: /mysql/,
    port: 3306,
    command: (own) => ['mysqld', `--datadir=${own}`],
    health: ['mysqladmin', 'ping', '--host', '127.0.0.1'],
    writable: '/var/run/mysqld',
  },
  {
    pattern: /^mongo(?:db)?$/,
    port: 27_017,
    command: () => ['mongod', '--dbpath', data],
    health: ['mongosh', '--quiet', '--eval', 'db.adminCommand("ping")'],
  },
  {
    pattern: /^(?:redis|valkey)(?:-stack-server)?$/,
    port: 6379,
    command: () => ['redis-server', '--dir', data],
    health: ['redis-cli', 'ping'],
  },
]

/** What only works with a database has its name too. */
const besides = /admin|backup|bouncer|dump|export|express|meta|postgrest|proxy/

const databaseOf = ({ image }: ContainerDraft): Database | undefined => {
  const name = /[^/]*$/.exec(image.replace(/[:@].*$/, ''))?.[0] ?? ''
  return besides.test(name) ? undefined : databases.find(({ pattern }) => pattern.test(name))
}

export const isDatabase = (container: ContainerDraft): boolean => databaseOf(container) !== undefined

/** Where a container listens: databases have a port of their own. */
export const listensOn = (container: ContainerDraft): readonly number[] => [
  ...new Set([databaseOf(container)?.port ?? [], container.ports].flat()),
]

/** The words before the options of its own program, which ours replaces. */
const program = /^(?:[\w./-]*\/)?(?:docker-entrypoint\.sh|mysqld|mariadbd|mongod|(?:redis|valkey)-server)$/

/** Moves the data of a database below the data directory. Other containers stay as they are. */
export const withDataInside = (container: ContainerDraft): ContainerDraft => {
  const database = databaseOf(container)
  if (database === undefined) return container
  const { variable, writable } = database
  const own = `${data}/${container.name}`
  const command = database.command?.(own)
  const words = container.command ?? []
  const first = words.findIndex((word) => !program.test(word))
  const rest = first < 0 ? [] : words.slice(first)
  const more = container.volumes.slice(1).join(', ')
  // A shell or another program has to stay as it is.
  const isOurs = words.length === 0 || first !== 0 || words[0]?.startsWith('-') === true
  return {
    ...container,
    volumes: [],
    environment: { ...container.environment, ...(variable && { [variable]: own }) },
    health: container.health ?? database.health,
    writable: [...new Set([...container.writable, ...those(writable)])],
    command: command && isOurs ? [...command, ...rest] : container.command,
    questions: [
      ...container.questions,
      ...those(
        more !== '' && `It also has ${more}: is that data? It has to be below ${data}.`,
        command &&
          !isOurs &&
          `Its data has to be in ${data}: does its command have what \`${command.join(' ')}\` says?`,
      ),
    ],
  }
}
