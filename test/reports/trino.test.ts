import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reportNames } from '../../lambdas/reports/reports.ts'
import { canTest } from '../support/can-test.ts'

const python = process.env['SITEWRIGHT_SQLGLOT_PYTHON'] ?? 'python3'

const hasSqlglot = (): boolean => {
  try {
    execFileSync(python, ['-c', 'import sqlglot'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const lint = (files: readonly string[]): Record<string, readonly string[]> =>
  JSON.parse(execFileSync(python, ['test/reports/lint-queries.py', ...files], { encoding: 'utf8' }))

const canLint = canTest(
  hasSqlglot(),
  'That the queries of reports mean the same in Trino is not tested: sqlglot not found (pip install sqlglot==30.30.0, SITEWRIGHT_SQLGLOT_PYTHON)',
)

describe.skipIf(!canLint)('the queries of reports for Trino', () => {
  const files = globSync('reports/*.sql').toSorted()

  it('are one for each report', () => {
    expect(files).toEqual(reportNames.map((name) => `reports/${name}.sql`).toSorted())
  })

  it('parse, and use nothing that means something else', () => {
    expect(lint(files)).toEqual(Object.fromEntries(files.map((file) => [file, []])))
  })

  it.each([
    ['SELECT 1 / 2', /integer division/],
    ["SELECT date_diff('day', a, b) FROM t", /date_diff counts differently/],
    ["SELECT json_extract(a, '$.b') FROM t", /JSON/],
    ['SELECT median(a) FROM t', /Median|median/],
    ['SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1', /Qualify|parse/],
    ['SELECT $a', /a parameter/],
    ['SELECT FROM WHERE', /parse/],
    ['SELECT 1; SELECT 2', /not one statement/],
  ])('are refused with %s', (query, problem) => {
    const file = join(mkdtempSync(join(tmpdir(), 'sitewright-query-')), 'query.sql')
    writeFileSync(file, query)
    expect(lint([file])[file]?.join('\n')).toMatch(problem)
  })
})
