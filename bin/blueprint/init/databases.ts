import type { ContainerDraft } from './draft.ts'

/** How a database keeps its data below the archived directory. */
interface Database {
  readonly pattern: RegExp
  /** @param directory of its own, below the data directory, which need not exist. */
  readonly keepIn: (directory: string) => Pick<ContainerDraft, 'environment'> & { readonly flags?: readonly string[] }
  readonly health: readonly string[]
  /** Where it writes sockets and such. */
  readonly writable: readonly string[]
}

const data = `\${DATA_DIRECTORY}`

const databases: readonly Database[] = [
  {
    pattern: /postgres|postgis|timescale|pgvector/,
    keepIn: (directory) => ({ environment: { PGDATA: directory } }),
    health: ['pg_isready', '--host', '127.0.0.1'],
    writable: ['/var/run/postgresql'],
  },
  {
    pattern: /mariadb/,
    keepIn: (directory) => ({ environment: {}, flags: ['mariadbd', `--datadir=${directory}`] }),
    health: ['healthcheck.sh', '--connect'],
    writable: ['/run/mysqld'],
  },
  {
    pattern: /mysql/,
    keepIn: (directory) => ({ environment: {}, flags: ['mysqld', `--datadir=${directory}`] }),
    health: ['mysqladmin', 'ping', '--host', '127.0.0.1'],
    writable: ['/var/run/mysqld'],
  },
  {
    pattern: /mongo/,
    keepIn: () => ({ environment: {}, flags: ['mongod', '--dbpath', data] }),
    health: ['mongosh', '--quiet', '--eval', 'db.adminCommand("ping")'],
    writable: [],
  },
  {
    pattern: /redis|valkey/,
    keepIn: () => ({ environment: {}, flags: ['redis-server', '--dir', data] }),
    health: ['redis-cli', 'ping'],
    writable: [],
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
  const { environment, flags } = database.keepIn(`${data}/${container.name}`)
  const own = container.command?.slice(container.command[0]?.startsWith('-') ? 0 : 1) ?? []
  return {
    ...container,
    volumes: [],
    environment: { ...container.environment, ...environment },
    health: container.health ?? database.health,
    writable: [...new Set([...container.writable, ...database.writable])],
    ...(flags === undefined ? {} : { command: [...flags, ...own] }),
  }
}
