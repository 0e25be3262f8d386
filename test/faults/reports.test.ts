import { join } from 'node:path'
import { openReportDirectory } from '../../adapters/files/report-files.ts'
import { accountOf } from '../../core/events/event-names.ts'
import type { AccountId } from '../../core/ids.ts'
import { completeFile } from '../../lambdas/reports/rebuild-reports.ts'
import { isReported, rowName } from '../../lambdas/reports/record-rows.ts'
import { type AccountOrigin, writtenFile } from '../../lambdas/reports/report-row.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readParquet } from '../support/read-parquet.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const email = 'ada@example.com'
const threeDays = 3 * 86_400_000

/** A site whose first days are written by the hour, and then as days. */
const live = async (world: World) => {
  const { token } = await signIn(world, email)
  return async () => {
    await createSite(world, email, token, 'shop')
    await world.quiet()
    await world.tick('write-reports')
    await world.quiet()
    world.clock.advance(threeDays)
    await world.tick('write-reports')
  }
}

/** Each event of the account has one row, in the file of its day, and nothing waits. */
const written = async (world: World): Promise<readonly string[]> => {
  world.clock.advance(threeDays)
  for (let run = 0; run < 3; run += 1) {
    await world.tick('write-reports')
    await world.quiet()
  }
  const { events, ofKind } = readStoredItems(world.tables)
  const origins = new Map(ofKind('report-account').map(({ pk, content }) => [pk, content as AccountOrigin]))
  const originOf = (id: AccountId): AccountOrigin => origins.get(`REPORT-ACCOUNT#${id}`)!
  const expected = events.flatMap((event) => {
    const id = accountOf(event)
    return id === undefined || !isReported(event) ? [] : [rowName(originOf(id), event.id)]
  })
  const rows = await readParquet(join(world.directory, 'reports/events/day=*/*.parquet'))
  const { store } = await world.host()
  const reports = await openReportDirectory(join(world.directory, 'reports'))
  const files = (await reports.list('')).map(({ path }) => path).filter((path) => !path.endsWith('/day.parquet'))
  const waiting: string[] = []
  for await (const { table, hour } of store.changedRows.hours()) waiting.push(`${table} of ${hour} are not written`)
  const found = rows.map(({ id }) => id)
  return [
    ...(expected.length >= 3 ? [] : [`only ${expected.length} events`]),
    ...expected.filter((id) => found.filter((one) => one === id).length !== 1).map((id) => `not one row of ${id}`),
    ...(found.length === expected.length ? [] : [`${found.length} rows of ${expected.length} events`]),
    ...(files.join() === `${completeFile},${writtenFile}` ? [] : [`files: ${files.join()}`]),
    ...waiting,
  ]
}

sweepTest(
  {
    name: 'recording and writing rows of reports',
    health: 'well',
    poolTarget: 1,
    expected: { active: 1 },
    prepare: live,
    check: written,
  },
  [
    'record-reports reportAccounts.get',
    'record-reports reportRows.put',
    'write-reports changedRows.hours',
    'write-reports changedRows.rows',
    'write-reports reportFiles.list',
    'write-reports reportFiles.put',
    'write-reports reportFiles.remove',
    'write-reports changedRows.settle',
    'write-reports eventHistory.list',
  ],
)
