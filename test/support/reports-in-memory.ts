import { buffer } from 'node:stream/consumers'
import type { ReportFiles, RowFiles } from '../../lambdas/reports/ports.ts'
import { type ReportTable, rowKeys } from '../../lambdas/reports/report-row.ts'

type Row = Readonly<Record<string, unknown>>

const keyOf = (table: ReportTable, row: Row): string =>
  JSON.stringify(rowKeys[table].map((field: string) => row[field] ?? null))

/** A data set without disk and DuckDB: its files are rows as JSON. */
export const reportsInMemory = () => {
  const files = new Map<string, { readonly content: string; readonly version: string }>()
  let puts = 0
  const reportFiles: ReportFiles = {
    list: async (prefix) =>
      [...files]
        .filter(([path]) => path.startsWith(prefix))
        .map(([path, { version }]) => ({ path, version }))
        .toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    put: async (path, content) => {
      puts += 1
      files.set(path, { content: (await buffer(content)).toString(), version: String(puts) })
    },
    remove: async (path) => {
      files.delete(path)
    },
    fetch: async (path, to) => {
      const found = files.get(path)
      // The files of this rowFiles are known by what they are copied to.
      if (found !== undefined) copies.set(to, found.content)
      return found !== undefined
    },
  }
  const copies = new Map<string, string>()
  const rowFiles: RowFiles = {
    join: async ({ table, rows, files: parts }, use) => {
      const joined = new Map<string, Row>()
      for (const [index, fetch] of parts.entries()) {
        if (!(await fetch(String(index)))) continue
        for (const row of JSON.parse(copies.get(String(index)) ?? '[]') as Row[]) joined.set(keyOf(table, row), row)
      }
      for await (const row of rows) joined.set(keyOf(table, row), row)
      if (joined.size === 0) return
      const content = JSON.stringify(
        [...joined].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row),
      )
      await use(
        (async function* () {
          yield Buffer.from(content)
        })(),
      )
    },
  }
  return { reportFiles, rowFiles, rowsOf: (path: string): Row[] => JSON.parse(files.get(path)?.content ?? '[]') }
}
