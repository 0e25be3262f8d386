import { beforeEach, describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { ReportQuery } from '../../../lambdas/reports/ports.ts'
import { type EventRow, writtenFile } from '../../../lambdas/reports/report-row.ts'
import { writeReports } from '../../../lambdas/reports/write-reports.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { reportEngineOn } from '../../support/report-data.ts'
import { reportStage } from './report-stage.ts'

const hour = 3_600_000
const day = 24 * hour

const funnel: ReportQuery = {
  ...{ name: 'funnel', tables: ['events'], sinceDay: undefined, offer: undefined, by: 'offer', awakeHourCost: 0 },
  ...{ from: '2026-01-01T00:00:00.000Z', until: '2026-07-01T00:00:00.000Z', now: '2026-06-30T12:00:00.000Z' },
}

let stage: Awaited<ReturnType<typeof reportStage>>
beforeEach(async () => {
  stage = await reportStage()
})

let count = 0
/** Puts a row of this moment, or so many milliseconds ago. */
const put = async (ago = 0): Promise<string> => {
  count += 1
  const id = `row-${String(count).padStart(4, '0')}`
  const at = plusMilliseconds(stage.ports.clocks.domain(), -ago)
  const row: EventRow = { ...{ id, at, type: 'SiteClaimed', account: 'a', offer: 'default', signedUpAt: at } }
  await stage.ports.reportRows.put('events', { id, row, keptUntil: plusMilliseconds(at, 35 * day) })
  return id
}
/** The files of rows. */
const files = async () => (await stage.paths()).filter((path) => path !== writtenFile)
const ids = async () => (await stage.rows('events')).map(({ id }) => id)
const isSettled = async (): Promise<boolean> => {
  for await (const _ of stage.store.changedRows.hours()) return false
  return true
}

describe('the files of the data set', () => {
  it('are one for each hour of today and yesterday, and one for each day before', async () => {
    const first = await put()
    stage.pass(hour)
    const second = await put()
    await stage.write()
    expect(await files()).toEqual(['events/day=2026-03-01/12.parquet', 'events/day=2026-03-01/13.parquet'])
    stage.pass(day)
    await stage.write()
    expect(await files()).toHaveLength(2)
    stage.pass(day)
    const third = await put()
    await stage.write()
    expect(await files()).toEqual(['events/day=2026-03-01/day.parquet', 'events/day=2026-03-03/13.parquet'])
    expect(await ids()).toEqual([first, second, third])
    expect(await isSettled()).toBe(true)
  })

  it('say until when they have rows: a report is as old as the last complete run, and has all rows of before', async () => {
    const engine = await reportEngineOn(stage.directory, { queries: { funnel: 'SELECT count(*) AS n FROM events' } })
    const check = async () => {
      const { rows, asOf } = await engine.run({ ...funnel, now: stage.ports.clocks.domain() })
      return [rows[0]?.[0], asOf]
    }
    await put()
    stage.pass(hour / 12)
    const first = stage.ports.clocks.domain()
    await stage.write()
    stage.pass(hour / 2)
    // Its row waits for the next run, so the report does not claim to have it.
    await put()
    stage.pass(hour / 12)
    expect(await check()).toEqual([1, first])
    const failing = { ...stage.ports.reportFiles, put: () => Promise.reject(new Error('the disk is full')) }
    await expect(writeReports({ ...stage.ports, log: recordingLog(), reportFiles: failing })).rejects.toThrow()
    expect(await check()).toEqual([1, first])
    await stage.write()
    expect(await check()).toEqual([2, stage.ports.clocks.domain()])
  })

  it('are not written again without a change', async () => {
    await put()
    await stage.write()
    const before = await stage.ports.reportFiles.list('events/')
    await stage.write()
    stage.pass(hour)
    await stage.write()
    expect(await stage.ports.reportFiles.list('events/')).toEqual(before)
  })

  it('get rows that come late, into the hour or into the day, and lose none whose items have expired', async () => {
    const first = await put()
    await stage.write()
    await stage.store.removeExpired('2027-01-01T00:00:00.000Z')
    const late = await put()
    await stage.write()
    expect(await ids()).toEqual([first, late])
    stage.pass(3 * day)
    await stage.write()
    await stage.store.removeExpired('2027-01-01T00:00:00.000Z')
    const latest = await put(3 * day)
    await stage.write()
    expect(await ids()).toEqual([first, late, latest])
    expect(await files()).toEqual(['events/day=2026-03-01/day.parquet'])
  })

  it('are written by a run after one that was interrupted at any call, with every row once', async () => {
    const expected = [await put(3 * day), await put(3 * day + hour), await put()]
    await stage.write()
    expected.push(await put(3 * day))
    const log = recordingLog()
    for (let calls = 0; calls < 30; calls += 1) {
      let left = calls
      const mortal = <Port extends object>(port: Port): Port =>
        new Proxy(port, {
          get: (target, name) => {
            const method: unknown = Reflect.get(target, name)
            if (typeof method !== 'function') return method
            return (...given: unknown[]) => {
              left -= 1
              if (left < 0) throw new Error('the process is gone')
              return method.apply(target, given)
            }
          },
        })
      const { reportFiles, changedRows } = stage.ports
      const ports = { ...stage.ports, log, reportFiles: mortal(reportFiles), changedRows: mortal(changedRows) }
      await writeReports(ports).catch(() => undefined)
      if (left < 0) await put(2 * day).then((id) => expected.push(id))
    }
    await stage.write()
    expect(await ids()).toEqual(expected)
    expect(await isSettled()).toBe(true)
    expect((await stage.paths()).filter((path) => path.endsWith('day.parquet'))).toHaveLength(2)
  })

  it('of other days are written although one cannot be, and the run fails', async () => {
    await put()
    const other = await put(5 * day)
    const { reportFiles } = stage.ports
    const failing = {
      ...reportFiles,
      put: (path: string, content: AsyncIterable<Uint8Array>) =>
        path.includes('2026-03-01') ? Promise.reject(new Error('the disk is full')) : reportFiles.put(path, content),
    }
    const log = recordingLog()
    await expect(writeReports({ ...stage.ports, log, reportFiles: failing })).rejects.toThrow(
      'Not written: events/day=2026-03-01/',
    )
    expect(await ids()).toEqual([other])
    await stage.write()
    expect(await ids()).toHaveLength(2)
  })

  it('are removed after the time of the configuration', async () => {
    await put()
    await stage.write()
    stage.pass(401 * day)
    await put(400 * day)
    const kept = await put(399 * day)
    await stage.write()
    await stage.write()
    expect((await files()).map((path) => path.slice(0, 21))).toEqual(['events/day=2026-03-02', 'events/day=2026-03-03'])
    expect(await ids()).toContain(kept)
  })

  it('leave other files alone', async () => {
    const text = async function* () {
      yield Buffer.from('x')
    }
    for (const path of ['complete-1', 'notes/day=2020-01-01/02.parquet', 'events/day=2020-01-01/notes.txt']) {
      await stage.ports.reportFiles.put(path, text())
    }
    await stage.write()
    expect(await files()).toHaveLength(3)
  })
})
