import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { createRowFiles } from '../../../adapters/duckdb/row-files.ts'
import { columnsOf, type ReportTable, type RowOf, reportTables } from '../../../lambdas/reports/report-row.ts'
import { queryDuckdb, readParquet } from '../../support/read-parquet.ts'

let directory: string
beforeEach(async () => {
  const made = await mkdtempDisposable(join(tmpdir(), 'sitewright-row-files-'))
  onTestFinished(() => made.remove())
  directory = made.path
})

const at = (hour: number): string => `2026-11-21T${String(hour).padStart(2, '0')}:00:00.000Z`

const eventOf = (id: string, more: Partial<RowOf<'events'>> = {}): RowOf<'events'> => ({
  ...{ id, at: at(2), type: 'SiteClaimed', account: 'a', offer: 'default', signedUpAt: at(1) },
  ...more,
})

/** @param earlier paths of files. @returns the path of the new one, if there is one. */
const joined = async (table: ReportTable, rows: readonly RowOf<ReportTable>[], ...earlier: readonly string[]) => {
  const path = join(directory, `${Math.random()}.parquet`)
  let isWritten = false
  const files = earlier.map((file) => async (to: string) => {
    await writeFile(to, await readFile(file))
    return true
  })
  const given = (async function* () {
    yield* rows
  })()
  await createRowFiles({ scratch: directory, memoryMiB: 256 }).join({ table, rows: given, files }, async (content) => {
    isWritten = true
    await writeFile(path, await buffer(content))
  })
  return isWritten ? path : undefined
}

it('writes every column of each table, with its type', async () => {
  const rows = {
    events: eventOf('e', { site: 's', plan: 'growth', monthlyAmount: 1900, currency: 'EUR', campaign: "it's ö" }),
    usage: {
      ...{ at: at(3), account: 'a', site: 's', offer: 'default', requests: 3, clientErrors: 1, serverErrors: 0 },
      ...{ bytes: 5_000_000_000, productEvents: 0 },
    },
    visits: { at: at(3), offer: 'schools', variant: 'short', visits: 7 },
  }
  for (const table of ['events', 'usage', 'visits'] as const) {
    const path = await joined(table, [rows[table]])
    const described = await queryDuckdb(`DESCRIBE SELECT * FROM read_parquet('${path}')`)
    expect(described.map(({ column_name: name, column_type: type }) => ({ name, type }))).toEqual(
      columnsOf(table).map(({ name, type }) => ({ name, type })),
    )
    expect(columnsOf(table).map(({ field }) => field)).toEqual(Object.keys(reportTables[table].shape))
    expect(await queryDuckdb(`SELECT DISTINCT compression FROM parquet_metadata('${path}')`)).toEqual([
      { compression: 'ZSTD' },
    ])
  }
  expect(await readParquet(`${await joined('events', [rows.events])}`)).toEqual([
    {
      ...{ id: 'e', at: '2026-11-21 02:00:00', type: 'SiteClaimed', account: 'a', site: 's', offer: 'default' },
      ...{
        campaign: "it's ö",
        signed_up_at: '2026-11-21 01:00:00',
        plan: 'growth',
        monthly_amount: '1900',
        currency: 'EUR',
      },
    },
  ])
  expect(await readParquet(`${await joined('usage', [rows.usage])}`)).toMatchObject([{ bytes: '5000000000' }])
})

it('replaces rows of earlier files by given ones with the same key, and keeps the others', async () => {
  const first = (await joined('events', [eventOf('a', { plan: 'old' }), eventOf('b')]))!
  const second = (await joined('events', [eventOf('b'), eventOf('c')]))!
  const rows = await readParquet((await joined('events', [eventOf('a', { plan: 'new' })], first, second))!)
  expect(rows.map(({ id, plan }) => [id, plan])).toEqual([
    ['a', 'new'],
    ['b', undefined],
    ['c', undefined],
  ])
  const visit = { at: at(3), offer: 'default' }
  const visits = (await joined('visits', [
    { ...visit, visits: 1 },
    { ...visit, campaign: 'x', visits: 2 },
  ]))!
  const counted = await readParquet((await joined('visits', [{ ...visit, visits: 5 }], visits))!)
  expect(counted.map(({ campaign, visits: count }) => [campaign, count])).toEqual([
    ['x', '2'],
    [undefined, '5'],
  ])
})

it('writes the same file for the same rows in any order, and for its own rows again', async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => eventOf(`e${index}`, { at: at(index % 24) }))
  const one = await readFile((await joined('events', rows))!)
  const path = (await joined('events', rows.toReversed()))!
  expect(one.equals(await readFile(path))).toBe(true)
  expect(one.equals(await readFile((await joined('events', [], path))!))).toBe(true)
  expect(one.equals(await readFile((await joined('events', rows, path))!))).toBe(true)
})

it('reads earlier files that lack a column', async () => {
  const old = join(directory, 'old.parquet')
  await queryDuckdb(
    `COPY (SELECT 'z' AS id, TIMESTAMP '2026-11-21 00:00:00' AS at, 'X' AS type, 'a' AS account, 'default' AS offer,
     TIMESTAMP '2026-11-21 00:00:00' AS signed_up_at) TO '${old}' (FORMAT parquet)`,
  )
  const rows = await readParquet((await joined('events', [eventOf('a')], old))!)
  expect(rows.map(({ id }) => id)).toEqual(['a', 'z'])
})

it('writes nothing of no rows, and leaves nothing behind', async () => {
  expect(await joined('usage', [])).toBeUndefined()
  const failing = createRowFiles({ scratch: directory, memoryMiB: 256 }).join(
    { table: 'usage', rows: (async function* () {})(), files: [() => Promise.reject(new Error('S3 is away'))] },
    async () => undefined,
  )
  await expect(failing).rejects.toThrow('S3 is away')
  const { readdir } = await import('node:fs/promises')
  expect(await readdir(directory)).toEqual([])
})

it('lets go of content that nobody reads', async () => {
  const given = (async function* () {
    yield eventOf('e')
  })()
  let unread: unknown
  const files = createRowFiles({ scratch: directory, memoryMiB: 256 })
  const failing = files.join({ table: 'events', rows: given, files: [] }, async (content) => {
    unread = content
    throw new Error('the store is away')
  })
  await expect(failing).rejects.toThrow('the store is away')
  if (!(unread instanceof Readable)) throw new Error('the content is no stream')
  expect(unread.destroyed).toBe(true)
  // It would end the process without a listener.
  expect(unread.emit('error', new Error('the file is gone'))).toBe(true)
})
