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

/** As engines send a log: each line in a frame, with its moment. */
const framesOf = (lines: readonly string[]): Buffer =>
  Buffer.concat(
    lines.map((line) => {
      const text = Buffer.from(`${line}\n`)
      const head = Buffer.alloc(8, 0)
      head[0] = 1
      head.writeUInt32BE(text.length, 4)
      return Buffer.concat([head, text])
    }),
  )

it.each([
  '2026-01-31T09:30:00Z',
  '2026-01-31T09:30:00-08:00',
  '2026-01-31T09:30:00+05:30',
  '2026-01-31T09:30:00.25-08:00',
])('reads on in a log from the moment %s, and repeats no line', async (at) => {
  const asked: unknown[] = []
  const logs = async (options: object) => {
    asked.push('since' in options ? options.since : undefined)
    return framesOf([`${at} one`, `${at} two`])
  }
  const ends = createContainerEnds({ getContainer: () => ({ logs }) } as unknown as Docker)
  const found = { id: 'abc', siteId, container: 'web' } as unknown as Parameters<typeof ends.readLog>[0]
  const first = await ends.readLog(found)
  expect(first.lines).toEqual(['one', 'two'])
  expect(await ends.readLog(found, first.position)).toEqual({ container: 'web', lines: [], position: first.position })
  expect(Number(asked.at(-1))).toBe(Date.parse(at) / 1000)
})
