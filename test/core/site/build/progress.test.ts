import { describe, expect, it } from 'vitest'
import { progressOf } from '../../../../core/site/site-facts.ts'
import { siteSamples, unownedBuilding } from '../../../support/site-samples.ts'

const statuses = (site: Parameters<typeof progressOf>[0]) => progressOf(site).steps.map(({ status }) => status)

describe('the progress of a build', () => {
  it('begins with the first step under way', () => {
    expect(progressOf(unownedBuilding).percent).toBe(0)
    expect(statuses(unownedBuilding)).toEqual(['running', 'pending', 'pending', 'pending'])
  })

  it('says when each step was done', () => {
    expect(progressOf(siteSamples.building)).toEqual({
      percent: 75,
      steps: [
        { name: 'storage', status: 'done', at: '2026-03-01T12:00:01.000Z' },
        { name: 'start', status: 'done', at: '2026-03-01T12:00:02.000Z' },
        { name: 'ready', status: 'done', at: '2026-03-01T12:00:05.000Z' },
        { name: 'open', status: 'running', at: null },
      ],
    })
  })

  it.each(['ready', 'active', 'suspended', 'archived'] as const)('is complete for a site that is %s', (status) => {
    expect(progressOf(siteSamples[status]).percent).toBe(100)
    expect(statuses(siteSamples[status])).toEqual(['done', 'done', 'done', 'done'])
  })

  it('shows the step that failed, and nothing under way behind it', () => {
    const { percent, steps } = progressOf(siteSamples.failed)
    expect(percent).toBe(25)
    expect(steps.map(({ status }) => status)).toEqual(['done', 'failed', 'pending', 'pending'])
    expect(steps[1]?.at).toBe(siteSamples.failed.failure.at)
  })

  it('shows nothing under way once it failed, whichever step is to blame', () => {
    const failure = { ...siteSamples.failed.failure, step: 'ready' } as const
    expect(statuses({ ...siteSamples.failed, failure })).toEqual(['done', 'pending', 'failed', 'pending'])
  })
})
