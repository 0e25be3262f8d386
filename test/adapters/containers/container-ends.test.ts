import type Docker from 'dockerode'
import { expect, it } from 'vitest'
import { createContainerEnds } from '../../../adapters/containers/container-ends.ts'
import { label } from '../../../adapters/containers/site-network.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'

it('remembers the observed end of a replaced container, and nothing else', async () => {
  const state = {
    State: { Pid: 0, StartedAt: '2026-01-31T09:30:00Z', Running: false, Status: 'exited', ExitCode: 4 },
    Config: { Labels: { [label.container]: 'web', [label.port]: '4000' } },
  }
  const container = { inspect: async () => state, logs: async () => Buffer.alloc(0) }
  const ends = createContainerEnds({ getContainer: () => container } as unknown as Docker)
  const found = { id: 'abc', siteId, container: 'web' } as unknown as Parameters<typeof ends.readLog>[0]
  await ends.note(siteId, [found])
  expect(ends.of(siteId)).toEqual([
    { name: 'web', isRunning: false, ends: 1, lastEnd: expect.objectContaining({ exitCode: 4 }), lines: [] },
  ])
})

it.each([
  ['paused', 0],
  ['stopping', 0],
])('takes no container that is %s for one that has ended', async (Status, ExitCode) => {
  const state = {
    State: { Pid: 7, StartedAt: '2026-01-31T09:30:00Z', Running: false, Status, ExitCode },
    Config: { Labels: { [label.container]: 'web', [label.port]: '4000' } },
  }
  const container = { inspect: async () => state, logs: async () => Buffer.alloc(0) }
  const ends = createContainerEnds({ getContainer: () => container } as unknown as Docker)
  const found = { id: 'abc', siteId, container: 'web' } as unknown as Parameters<typeof ends.readLog>[0]
  const [seen] = await ends.inspectAll([found])
  expect(seen).toMatchObject({ isRunning: true, ends: 0 })
  expect(seen).not.toHaveProperty('lastEnd')
})

it('shows what a container printed just before the end that is seen', async () => {
  let output = ''
  const inspect = async () => {
    await Promise.resolve()
    const text = Buffer.from('no such table\n')
    output = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, text.length]), text]).toString('latin1')
    return {
      State: { Pid: 0, StartedAt: '2026-01-31T09:30:00Z', Running: false, Status: 'exited', ExitCode: 3 },
      Config: { Labels: { [label.container]: 'web', [label.port]: '4000' } },
    }
  }
  const container = { inspect, logs: async () => Buffer.from(output, 'latin1') }
  const ends = createContainerEnds({ getContainer: () => container } as unknown as Docker)
  const found = { id: 'abc', siteId, container: 'web' } as unknown as Parameters<typeof ends.readLog>[0]
  expect(await ends.inspectAll([found])).toMatchObject([{ lastEnd: { exitCode: 3 }, lines: ['no such table'] }])
})
