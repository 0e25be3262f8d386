import { expect, it } from 'vitest'
import { createArchiverMeter } from '../../../adapters/ecs/archiver-meter.ts'
import { type ArchiveJob, jobOutcomeKey } from '../../../core/ports/archives.ts'
import type { DataHome } from '../../../core/site/location.ts'
import { newSiteId } from '../../support/probe-launch.ts'

const minutes = 60_000

/** Asks every five minutes, for so many days, as the sweep does. */
const askThroughout = async (days: number, home: DataHome) => {
  const jobs: ArchiveJob[] = []
  const answers: (number | undefined)[] = []
  const removed = new Set<string>()
  let now = Date.parse('2026-03-01T00:00:00.000Z')
  const meter = createArchiverMeter({
    archiver: {
      run: async (job) => {
        const isFirst = !jobs.some(({ id }) => id === job.id)
        jobs.push(job)
        return isFirst ? { state: 'running' } : { state: 'done', bytes: 4096, files: 1 }
      },
    },
    archives: {
      remove: async (key) => {
        removed.add(key)
      },
    },
    wall: () => new Date(now).toISOString(),
  })
  for (const end = now + days * 24 * 60 * minutes; now < end; now += 5 * minutes)
    answers.push(await meter.measure(home))
  return { jobs, answers, removed }
}

it('a site is measured once a day, by one job, and is not asked about for the rest of it', async () => {
  for (let nth = 0; nth < 20; nth += 1) {
    const home = { siteId: newSiteId(), cell: 'local', generation: 2 }
    const { jobs, answers, removed } = await askThroughout(3, home)
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(3)
    expect(jobs.length).toBeLessThanOrEqual(3 * 4)
    const keys = [...new Set(jobs.map(jobOutcomeKey))]
    expect([...removed]).toEqual(expect.arrayContaining(keys.slice(0, 2)))
    expect(removed).not.toContain(keys[2])
    expect(jobs[0]).toMatchObject({ kind: 'measure', home })
    expect(jobs[0]!.id).toMatch(/^[a-z0-9_-]{1,130}$/)
    expect(answers.filter((answer) => answer === 4096).length).toBeGreaterThanOrEqual(3 * 2)
  }
})

it('sites are measured at different times of the day', async () => {
  const firsts = new Set<number>()
  for (let nth = 0; nth < 20; nth += 1) {
    const { answers } = await askThroughout(1, { siteId: newSiteId(), cell: 'local', generation: 1 })
    firsts.add(answers.indexOf(4096))
  }
  expect(firsts.size).toBeGreaterThan(10)
})
