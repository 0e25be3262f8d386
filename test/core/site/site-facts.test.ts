import { describe, expect, it } from 'vitest'
import type { SitePlace } from '../../../core/site/location.ts'
import { type Site, siteSchema } from '../../../core/site/site.ts'
import { mayRunIn, progressOf, shouldRun } from '../../../core/site/site-facts.ts'
import { removeStray } from '../../../lambdas/sites/run/reconcile-sites.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { siteSamples, unownedBuilding } from '../../support/site-samples.ts'

/** Each operation on a site, with a status in which it can run. */
const operations = (site: Site): readonly Site[] => {
  const every = { id: `x-${site.id}-3`, fence: 1, startedAt: '2026-03-01T12:00:00.000Z' }
  const own = { archiveId: 'arc_01jq3v5k8m0000000000000000', generation: 1 }
  return [
    { ...every, kind: 'suspend' },
    { ...every, kind: 'archive', ...own },
    { ...every, kind: 'restore', ...own },
    { ...every, kind: 'purge' },
    { ...every, kind: 'copy', ...own },
    { ...every, kind: 'copy', ...own, pausedAt: '2026-03-01T12:00:00.000Z' },
    { ...every, kind: 'upgrade', target: { size: { cpu: 1, memoryMiB: 2048, processes: 512 } } },
    { ...every, kind: 'upgrade', target: {} },
  ].map((operation) => siteSchema.parse({ ...site, operation }))
}

const { building, ready, active, failed, suspended, archived, purged } = siteSamples

const wasStopped = async (site: Site | undefined): Promise<boolean> => {
  const removed: string[] = []
  const ports = {
    sites: { get: async () => site },
    runtime: { remove: async ({ siteId }: SitePlace) => void removed.push(siteId) },
    clocks: { wall: () => '2026-03-01T12:00:00.000Z' },
    log: recordingLog(),
  }
  await removeStray(ports, { siteId: active.id, cell: active.cell })
  return removed.length > 0
}

describe('what runs of a site that is not listed as open', () => {
  it.each([failed, suspended, archived, purged])('is stopped where it is $status', async (site) => {
    expect(await wasStopped(site)).toBe(true)
  })

  it.each([building, ready, active])('continues where it is $status', async (site) => {
    expect(await wasStopped(site)).toBe(false)
  })

  it.each([active, suspended, archived, purged].flatMap(operations))(
    'is the workflow’s business where it is $status and there is a $operation.kind',
    async (site) => {
      expect(await wasStopped(site)).toBe(false)
    },
  )

  it('ignores an unknown site', async () => {
    expect(await wasStopped(undefined)).toBe(false)
  })
})

describe('a site is to run', () => {
  it('where it is ready or active, whatever is being done with it, but not while it is paused or given another size or version', () => {
    expect([ready, active, ...operations(active)].map((site) => shouldRun(site))).toEqual([
      ...Array<boolean>(7).fill(true),
      false,
      false,
      false,
    ])
  })

  it('in no other status', () => {
    for (const site of [building, failed, suspended, archived, purged, undefined]) expect(shouldRun(site)).toBe(false)
  })
})

const statuses = (site: Parameters<typeof progressOf>[0]) => progressOf(site).steps.map(({ status }) => status)

describe('the progress of a build', () => {
  it('begins with the first step running', () => {
    expect(progressOf(unownedBuilding).percent).toBe(0)
    expect(statuses(unownedBuilding)).toEqual(['running', 'pending', 'pending', 'pending'])
  })

  it('reports when each step was completed', () => {
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

  it('shows the step that failed, and nothing running behind it', () => {
    const { percent, steps } = progressOf(siteSamples.failed)
    expect(percent).toBe(25)
    expect(steps.map(({ status }) => status)).toEqual(['done', 'failed', 'pending', 'pending'])
    expect(steps[1]?.at).toBe(siteSamples.failed.failure.at)
  })

  it('shows nothing running once it failed, whichever step is to blame', () => {
    const failure = { ...siteSamples.failed.failure, step: 'ready' } as const
    expect(statuses({ ...siteSamples.failed, failure })).toEqual(['done', 'pending', 'failed', 'pending'])
  })
})

describe('where a site may run', () => {
  const begun = { id: 'an-operation', fence: 1, startedAt: '2026-03-01T12:00:00.000Z' }
  const moving = { ...begun, kind: 'upgrade', target: { cell: 'fast' } } as const
  const placed = (cell: string, operation?: unknown) =>
    siteSchema.parse({ ...active, cell, ...(operation !== undefined && { operation }) })
  it.each([
    ['its cell', placed('home'), 'home', true],
    ['a cell that it left', placed('home'), 'fast', false],
    ['its cell, before it moves to another one', placed('home', moving), 'home', true],
    ['the cell that it is to move to', placed('home', moving), 'fast', true],
    ['its former cell, once it has moved', placed('fast', { ...moving, moved: true }), 'home', false],
    [
      'the cell of a move that was given up',
      placed('home', { ...moving, ending: { outcome: 'failed', because: 'LaunchFailed' } }),
      'fast',
      false,
    ],
  ] as const)('in %s', (_, site, cell, expected) => {
    expect(mayRunIn(site, cell)).toBe(expected)
  })
})
