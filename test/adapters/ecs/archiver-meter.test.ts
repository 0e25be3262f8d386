import { expect, it } from 'vitest'
import { createArchiverMeter, type StorageReadings } from '../../../adapters/ecs/archiver-meter.ts'
import { type ArchiveJob, jobOutcomeKey } from '../../../core/ports/archives.ts'
import type { DataHome } from '../../../core/site/location.ts'
import { newSiteId } from '../../support/probe-launch.ts'

const minutes = 60_000
const day = 24 * 60 * minutes
const midnight = Date.parse('2026-03-01T00:00:00.000Z')

const openMeter = () => {
  const jobs: ArchiveJob[] = []
  const outcomes = new Set<string>()
  const readings = new Map<DataHome, Awaited<ReturnType<StorageReadings['find']>>>()
  let now = midnight
  const meter = createArchiverMeter({
    archiver: {
      run: async (job) => {
        const isFirst = !jobs.some(({ id }) => id === job.id)
        jobs.push(job)
        if (isFirst) return { state: 'running' }
        outcomes.add(jobOutcomeKey(job))
        return { state: 'done', bytes: 4096, files: 1 }
      },
    },
    archives: {
      remove: async (key) => {
        outcomes.delete(key)
      },
    },
    readings: {
      find: async (home) => readings.get(home),
      note: async (home, reading) => {
        readings.set(home, reading)
      },
    },
    wall: () => new Date(now).toISOString(),
  })
  return {
    /** Asks every five minutes from some time on, as the sweep does while the site runs. */
    ask: async (home: DataHome, from: number, minutesLong: number, isFull = false) => {
      const answers: (number | undefined)[] = []
      for (now = from; now < from + minutesLong * minutes; now += 5 * minutes)
        answers.push(await meter.measure(home, isFull))
      return answers
    },
    jobs,
    outcomes,
    datesOfJobs: () => [...new Set(jobs.map(({ id }) => id.slice(-10)))],
  }
}

const newHome = (): DataHome => ({ siteId: newSiteId(), cell: 'local', generation: 2 })

it('a site that always runs is measured at once and then once a day, by one job', async () => {
  for (let nth = 0; nth < 20; nth += 1) {
    const home = newHome()
    const { ask, jobs, outcomes, datesOfJobs } = openMeter()
    const answers = await ask(home, midnight, 4 * 24 * 60)
    expect(datesOfJobs()).toEqual(['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'])
    expect(jobs).toHaveLength(4 * 2)
    expect(outcomes.size).toBe(0)
    expect(jobs[0]).toMatchObject({ kind: 'measure', home })
    expect(jobs[0]!.id).toMatch(/^[a-z0-9_-]{1,130}$/)
    // Each is repeated for twenty minutes.
    expect(answers.filter((answer) => answer === 4096)).toHaveLength(4 * 4)
  }
})

it('sites are measured at different times of the day', async () => {
  const seconds = new Set<number>()
  for (let nth = 0; nth < 20; nth += 1) {
    const answers = await openMeter().ask(newHome(), midnight, 2 * 24 * 60)
    seconds.add(answers.lastIndexOf(4096))
  }
  expect(seconds.size).toBeGreaterThan(10)
})

it('a full site is measured at each use a day later, so that its owner can free it', async () => {
  const home = newHome()
  const { ask, datesOfJobs } = openMeter()
  for (let days = 0; days < 3; days += 1) await ask(home, midnight + days * (day + 30 * minutes), 50, true)
  expect(datesOfJobs()).toEqual(['2026-03-01', '2026-03-02', '2026-03-03'])
})

it('a site that only runs outside its minutes of the day is measured at its first use, and every ten days', async () => {
  let found = 0
  for (let nth = 0; nth < 20; nth += 1) {
    const home = newHome()
    const { ask, datesOfJobs } = openMeter()
    for (let days = 0; days < 21; days += 1) await ask(home, midnight + days * day + 9 * 60 * minutes, 50)
    const dates = datesOfJobs()
    expect(dates[0]).toBe('2026-03-01')
    // One whose minutes lie in these fifty is measured every day.
    if (dates.length === 21) continue
    found += 1
    expect(dates).toEqual(['2026-03-01', '2026-03-11', '2026-03-21'])
  }
  expect(found).toBeGreaterThan(10)
})
