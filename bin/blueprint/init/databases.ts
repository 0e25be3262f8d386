import type { ContainerDraft } from './draft.ts'

const data = `\${DATA_DIRECTORY}`

/** How a database keeps its data below the archived directory. */
interface Database {
  readonly pattern: RegExp
  /** The variable that names its directory, or the command with that setting. @param own a directory that it makes itself. */
  readonly keepIn: (own: string) => { readonly variable?: string; readonly command?: readonly string[] }
  readonly health: readonly string[]
  /** Where it writes sockets and such. */
  readonly writable?: string
}

const databases: readonly Database[] = [
  {
    pattern: /postgres|postgis|timescale|pgvector/,
    keepIn: () => ({ variable: 'PGDATA' }),
    health: ['pg_isready', '--host', '127.0.0.1'],
    writable: '/var/run/postgresql',
  },
  {
    pattern: /mariadb/,
    keepIn: (own) => ({ command: ['mariadbd', `--datadir=${own}`] }),
    health: ['healthcheck.sh', '--connect'],
    writable: '/run/mysqld',
  },
  {
    pattern: /mysql/,
    keepIn: (own) => ({ command: ['mysqld', `--datadir=${own}`] }),
    health: ['mysqladmin', 'ping', '--host', '127.0.0.1'],
    writable: '/var/run/mysqld',
  },
  {
    pattern: /mongo/,
    keepIn: () => ({ command: ['mongod', '--dbpath', data] }),
    health: ['mongosh', '--quiet', '--eval', 'db.adminCommand("ping")'],
  },
  {
    pattern: /redis|valkey/,
    keepIn: () => ({ command: ['redis-server', '--dir', data] }),
    health: ['redis-cli', 'ping'],
  },
]

const databaseOf = ({ image }: Pick<ContainerDraft, 'image'>): Database | undefined => {
  const name =
    image
      .replace(/[:@].*$/, '')
      .split('/')
      .at(-1) ?? ''
  return databases.find(({ pattern }) => pattern.test(name))
}

export const isDatabase = (container: ContainerDraft): boolean => databaseOf(container) !== undefined

/** Moves the data of a database below the data directory. Other containers stay as they are. */
export const withDataInside = (container: ContainerDraft): ContainerDraft => {
  const database = databaseOf(container)
  if (database === undefined) return container
  const own = `${data}/${container.name}`
  const { variable, command } = database.keepIn(own)
  const rest = container.command?.slice(container.command[0]?.startsWith('-') ? 0 : 1) ?? []
  return {
    ...container,
    volumes: [],
    environment: { ...container.environment, ...(variable === undefined ? {} : { [variable]: own }) },
    health: container.health ?? database.health,
    writable: [...new Set([...container.writable, ...(database.writable === undefined ? [] : [database.writable])])],
    ...(command === undefined ? {} : { command: [...command, ...rest] }),
  }
}
