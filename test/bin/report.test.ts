import { execFile } from 'node:child_process'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { opened } from '../reports/run-on-rows.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { writeReportData } from '../support/report-data.ts'

const run = async (home: string, ...args: readonly string[]) => {
  const env = childEnvironment({ SITEWRIGHT_HOME: home })
  const called = promisify(execFile)(process.execPath, ['bin/report.ts', ...args], { env })
  return called.catch((error: { readonly stdout: string; readonly stderr: string }) => error)
}

/** A home with the sign-ups of two accounts. */
const givenHome = async (): Promise<string> => {
  const home = await writeReportData({})
  const events = ['ada', 'bob'].map((name) => opened(name, '2026-03-02T09:00:00.000Z', { offer: 'shop' }))
  await rename(await writeReportData({ events }), join(home, 'reports'))
  return home
}

const period = ['--from', '2026-03-01', '--until', '2026-03-31'] as const

describe('npm run report', { timeout: 30_000 }, () => {
  it('prints a table, and CSV', async () => {
    const home = await givenHome()
    const table = await run(home, 'funnel', ...period)
    expect(table.stdout).toMatch(/^From the visit to the payment, 2026-03-01 to 2026-03-31, as of 2026-03-03/)
    expect(table.stdout).toMatch(/\nshop +0 +2 +0 +0 +0 +– +0\.0 %\n/)
    const csv = await run(home, 'funnel', ...period, '--by', 'week', '--csv')
    expect(csv.stdout).toMatch(/^\u{feff}segment,visits,sign_ups,.*\r\n2026-03-02,0,2,0,0,0,,0\r\n$/u)
  })

  it('says what is wrong', async () => {
    const home = await givenHome()
    expect((await run(home, 'nonsense')).stderr).toMatch(/no report nonsense. The reports are funnel, /)
    expect((await run(home, '--csv')).stderr).toMatch(/give the name of a report/)
    expect((await run(home, 'funnel', '--by', 'nobody')).stderr).toMatch(/→ at by/)
    expect((await run(join(home, 'elsewhere'), 'funnel')).stderr).toMatch(/there is no data set at .*elsewhere/)
  })
})
