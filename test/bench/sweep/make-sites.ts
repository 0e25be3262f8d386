import { DatabaseSync } from 'node:sqlite'
import { ulid } from 'ulid'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { ActiveSite } from '../../../core/site/site.ts'

/** The sites that are due in each round. Together they are below an hour's rate limit in the smaller installation. */
export const dueEachRound = { notices: 800, ends: 200 } as const

/** So close that nobody is reminded twice. */
export const daysBetweenRounds = 1
export const maxRounds = 4

const site = (number: number, start: Instant, facts: Pick<ActiveSite, 'trialEndsAt' | 'reminded'>): ActiveSite => ({
  schemaVersion: 1,
  id: `site_${ulid(Date.parse(start) + number).toLowerCase()}`,
  version: 3,
  status: 'active',
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 1 },
  policyVersion: 1,
  createdAt: start,
  completedSteps: [],
  generation: 1,
  ownership: {
    accountId: `acct_${ulid(Date.parse(start) + number).toLowerCase()}`,
    slug: `site-${number}`,
    hostname: `site-${number}.sites.example.com`,
    name: `Site ${number}`,
    since: start,
  },
  endpoint: { host: '127.0.0.1', port: 20_000 },
  extensionsUsed: 0,
  archives: [],
  ...facts,
})

export function* dueSites(rounds: number, start: Instant): Generator<ActiveSite> {
  let number = 0
  for (let round = 0; round < rounds; round += 1) {
    const at = plusMilliseconds(plusDays(start, round * daysBetweenRounds), -60_000)
    for (let count = 0; count < dueEachRound.notices; count += 1) {
      number += 1
      yield site(number, start, { trialEndsAt: plusDays(at, 7), reminded: [] })
    }
    for (let count = 0; count < dueEachRound.ends; count += 1) {
      number += 1
      yield site(number, start, { trialEndsAt: at, reminded: [7, 3, 1] })
    }
  }
}

/**
 * Templates of sites that are not due soon, one in each shard: once a day the sweep reads the next two days, and takes
 * longer for each site that it finds there.
 */
export const laterSites = (start: Instant): readonly ActiveSite[] =>
  [0, 1, 2, 3].map((shard) => {
    const later = site(9_999_999, start, { trialEndsAt: plusDays(start, 60), reminded: [] })
    return { ...later, id: `site_${later.id.slice(5, -1)}${shard}` }
  })

/** A site that the store wrote, and its instants that its copies change. */
interface Template {
  readonly id: string
  readonly trialEndsAt: string
  readonly dueAt: string
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const columnsOf = (database: DatabaseSync, table: string): readonly string[] =>
  database
    .prepare(`SELECT name FROM pragma_table_info(${`'${table.replaceAll("'", "''")}'`})`)
    .all()
    .map(({ name }) => String(name))

/** An instant of the template plus some seconds, as SQL. */
const later = (instant: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%S.000Z', '${instant.slice(0, 19)}', number || ' seconds')`

/** The id of a copy. Its last character, which decides the shard, stays. */
export const copyIdOf = (id: string, number: number): string =>
  `${id.slice(0, -10)}${String(number).padStart(9, '0')}${id.slice(-1)}`

/**
 * Copies sites within the files of the embedded engine, which must be stopped: over its API a million take hours. Each row
 * that the engine keeps of a template is copied with another id and later instants. The caller checks that
 * the engine finds the copies.
 */
export const multiplySites = (file: string, templates: readonly Template[], copiesEach: number): void => {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA cache_size = -400000')
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%item_json%'")
      .all()
      .map(({ name }) => String(name))
    for (const table of tables) {
      const columns = columnsOf(database, table)
      const key = columns.includes('table_pk') ? 'table_pk' : 'pk'
      for (const { id, trialEndsAt, dueAt } of templates) {
        // The same as in `copyIdOf`.
        const copyId = `'${id.slice(0, -10)}' || printf('%09d', number) || '${id.slice(-1)}'`
        const changed = (column: string): string =>
          ['pk', 'sk', 'gsi_pk', 'gsi_sk', 'table_pk', 'item_json'].includes(column)
            ? `replace(replace(replace(${quoted(column)}, '${id}', ${copyId}), '${dueAt}', ${later(dueAt)}), '${trialEndsAt}', ${later(trialEndsAt)})`
            : quoted(column)
        database.exec(`
          WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ${copiesEach})
          INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')})
          SELECT ${columns.map(changed).join(', ')} FROM numbers CROSS JOIN
            (SELECT * FROM ${quoted(table)} WHERE ${key} = 'S:SITE#${id}')`)
      }
    }
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    database.close()
  }
}
