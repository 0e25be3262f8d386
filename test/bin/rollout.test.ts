import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { CallOperation } from '../../bin/command-line/operators-call.ts'
import { restoreSite, rolloutLines, rolloutsSchema, watchRollouts } from '../../bin/rollout/follow-rollout.ts'
import { rollout as runRollout } from '../../bin/rollout.ts'
import { listening } from '../support/listening.ts'

const rollout = {
  blueprint: 'shop',
  version: 2,
  state: 'running',
  because: null,
  waves: [{ sites: 1 }, { percent: 5 }],
  wave: 2,
  sites: 40,
  done: 1,
  assigned: 3,
  skipped: 0,
  failed: [
    { siteId: 'site_1', because: 'LaunchFailed', cause: 'crash' },
    { siteId: 'site_3', because: 'ArchivingFailed' },
  ],
  inProgress: ['site_2'],
  bakingUntil: null,
}

describe('the status of a roll-out', () => {
  it('names the wave, the sites and what failed', () => {
    expect(rolloutLines(rollout)).toEqual([
      'shop 2: running, wave 2 of 2, 1 of 40 sites, 1 in progress, 3 at their next wake, 2 failed',
      '  site_1: LaunchFailed (crash)',
      '  site_3: ArchivingFailed',
    ])
  })

  it('names the cell, what stays in it, and how old the restored data is', () => {
    const { blueprint: _, version: __, assigned: ___, ...progress } = rollout
    const held = [{ siteId: 'site_4', because: 'no-archive' }]
    const restored = [{ siteId: 'site_5', archiveAt: '2026-03-01T12:00:00.000Z' }]
    const loss = { ...progress, cell: 'fast', kind: 'loss', state: 'finished', failed: [], inProgress: [] }
    const [found, empty] = rolloutsSchema.parse({
      rollouts: [],
      cells: [
        { ...loss, held, restored },
        { ...loss, kind: 'drain', held: [], restored: [] },
      ],
    })
    expect([found, empty].flatMap((one) => (one === undefined ? [] : rolloutLines(one)))).toEqual([
      'loss of fast: finished, wave 2 of 2, 1 of 40 sites, 1 held',
      '  site_4: has no archive and waits for the cell',
      '  site_5: has its data of 2026-03-01T12:00:00.000Z',
      'drain of fast: finished, wave 2 of 2, 1 of 40 sites, the cell is empty',
    ])
  })

  it('is read from one roll-out or a list', () => {
    expect(rolloutsSchema.parse(rollout)).toHaveLength(1)
    expect(rolloutsSchema.parse({ rollouts: [rollout, rollout] })).toHaveLength(2)
  })

  it('is watched until it rests, and printed where it has changed', async () => {
    const answers = [rollout, rollout, { ...rollout, state: 'finished', wave: 3, done: 39, inProgress: [] }]
    const lines: string[] = []
    const isFinished = await watchRollouts({
      read: async () => [answers.shift() ?? rollout],
      print: (line) => lines.push(line),
      pause: async () => undefined,
    })
    expect(isFinished).toBe(true)
    expect(lines.filter((line) => line.startsWith('shop'))).toEqual([
      'shop 2: running, wave 2 of 2, 1 of 40 sites, 1 in progress, 3 at their next wake, 2 failed',
      'shop 2: finished, the rest, 39 of 40 sites, 3 at their next wake, 2 failed',
    ])
  })
})

describe('the loss of a cell that another administrator has to confirm', () => {
  const asked = { ...rollout, cell: 'fast', kind: 'loss', failed: [], inProgress: [], lossRequestedBy: 'op_grace' }
  const line = '  op_grace has declared it lost; another administrator has to confirm it within a day'

  it.each([
    [{ ...asked, state: 'requested' }, 'loss of fast: requested'],
    [{ ...asked, kind: 'drain', state: 'finished' }, 'drain of fast: finished'],
  ])('is told of %j', (one, begins) => {
    const [first, ...more] = rolloutsSchema.parse(one).flatMap(rolloutLines)
    expect([first?.startsWith(begins), more]).toEqual([true, [line]])
    expect(rolloutsSchema.parse({ ...one, lossRequestedBy: null }).flatMap(rolloutLines)).toHaveLength(1)
  })
})

describe('a roll-out that is watched', () => {
  const cell = { ...rollout, cell: 'fast', kind: 'drain', failed: [], held: [], state: 'finished' }
  const held = [{ siteId: 'site_4', because: 'rehearsal' }]
  const failed = [{ siteId: 'site_1', because: 'LaunchFailed' }]

  it.each([
    [true, { ...rollout, state: 'finished' }, 'finished'],
    [false, { ...rollout, state: 'halted' }, 'finished'],
    [false, { ...rollout, state: 'went-back' }, 'finished'],
    [false, { ...rollout, state: 'aborted' }, 'finished'],
    [true, { ...rollout, state: 'aborted' }, 'aborted'],
    [false, { ...rollout, state: 'finished' }, 'aborted'],
    [true, { ...rollout, state: 'paused' }, 'paused'],
    [true, cell, 'finished'],
    [false, { ...cell, held }, 'finished'],
    [false, { ...cell, failed }, 'finished'],
    [true, { ...cell, held, state: 'aborted' }, 'aborted'],
    [false, { ...cell, lossRequestedBy: 'op_grace' }, 'finished'],
    [false, { ...cell, kind: 'loss', state: 'requested', lossRequestedBy: 'op_grace' }, 'finished'],
  ])('ends with %s for %j where it should be %s', async (isGood, one, end) => {
    const read = async () => rolloutsSchema.parse(one)
    expect(await watchRollouts({ read, print: () => undefined, pause: async () => undefined, end })).toBe(isGood)
  })

  it('and that never was is told once', async () => {
    const lines: string[] = []
    const print = (line: string) => void lines.push(line)
    expect(await watchRollouts({ read: async () => [], print, pause: async () => undefined })).toBe(true)
    expect(lines).toEqual(['There was no roll-out.'])
  })
})

describe('a roll-out is watched while the host restarts', () => {
  const watching = async (failures: number) => {
    const lines: string[] = []
    let reads = 0
    const isFinished = await watchRollouts({
      read: async () => {
        reads += 1
        if (reads <= failures) throw new Error('The API answered 503.')
        return [{ ...rollout, state: 'finished' }]
      },
      print: (line) => lines.push(line),
      pause: async () => undefined,
    })
    return [isFinished, lines[0]]
  }

  it('which is told once', async () => {
    expect(await watching(120)).toEqual([true, 'The API answered 503; trying again'])
  })

  it('but not without end', async () => {
    await expect(watching(121)).rejects.toThrow('The API answered 503.')
  })
})

const options = { reason: 'Why not.', security: false, 'accept-incompatible-data': false, watch: true }

describe('a command of roll-outs', () => {
  it.each([
    ['pause', {}, '--blueprint or --cell is missing.'],
    ['lost', {}, '--cell is missing.'],
    ['restore', {}, '--site is missing.'],
    ['start', { blueprint: 'shop' }, '--version is missing.'],
  ])('%s with %j is refused before anybody is asked', async (command, more, said) => {
    await expect(runRollout(command, { ...options, ...more, url: 'http://127.0.0.1:1' })).rejects.toThrow(said)
  })
})

/** A console that answers with the work on a cell in a state. */
const startConsole = async (state: string) => {
  const ofCell = { ...rollout, cell: 'fast', kind: 'drain', failed: [], held: [] }
  const one = { ...ofCell, state, lossRequestedBy: state === 'requested' ? 'op_grace' : null }
  const server = createServer((request, response) => {
    response.end(JSON.stringify(request.method === 'GET' ? { rollouts: [], cells: [one] } : one))
  })
  const port = await listening(server)
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

describe('a command that is watched', () => {
  it.each([
    ['abort', 'aborted', true],
    ['pause', 'paused', true],
    ['drain', 'finished', true],
    ['drain', 'aborted', false],
    ['lost', 'requested', false],
  ])('%s, ends as it should where the work is %s: %s', async (command, state, isGood) => {
    await using server = await startConsole(state)
    vi.stubEnv('SITEWRIGHT_OPERATOR_TOKEN', 'token')
    const print = vi.spyOn(console, 'log').mockReturnValue()
    onTestFinished(() => void vi.unstubAllEnvs().restoreAllMocks())
    expect(await runRollout(command, { ...options, cell: 'fast', url: server.url })).toBe(isGood)
    const printed = print.mock.calls.join('\n')
    expect(printed).toContain(`drain of fast: ${state}`)
    expect(printed.includes('op_grace has declared it lost')).toBe(state === 'requested')
  })
})

describe('npm run rollout', () => {
  it.each([
    [['abort', '--cell', 'fast'], 0, 'drain of fast: aborted', ''],
    [['drain', '--cell', 'fast'], 1, 'drain of fast: aborted', ''],
    [['restore'], 1, '', '--site is missing.'],
  ])('%j ends with %i', async (words, code, printed, said) => {
    await using server = await startConsole('aborted')
    const program = fileURLToPath(new URL('../../bin/rollout.ts', import.meta.url))
    const all = [program, ...words, '--watch', '--reason', 'Why not.', '--url', server.url]
    const env = { ...process.env, SITEWRIGHT_OPERATOR_TOKEN: 'token' }
    const ended = await promisify(execFile)(process.execPath, all, { env }).then(
      (done) => ({ code: 0, ...done }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    )
    expect([ended.code, ended.stdout.split(',')[0], ended.stderr.split('\n')[0]]).toEqual([code, printed, said])
  })
})

describe('the command that restores the data from before an upgrade', () => {
  const releaseCopy = { id: 'arc_1', at: '2026-01-31T09:30:00.000Z', version: 1 }
  const restoring = async (copy: string | undefined, found: object | null = releaseCopy) => {
    const calls: unknown[] = []
    const call: CallOperation = async (path, schema, body) => {
      calls.push([path, body])
      return schema.parse({ id: 'site_1', releaseCopy: found })
    }
    return [await restoreSite(call, { site: 'site_1', copy, reason: 'It lost pages.' }), ...calls]
  }

  it('names the copy first, and restores none', async () => {
    const line = 'site_1: --copy arc_1 restores version 1 with the data of 2026-01-31T09:30:00.000Z.'
    expect(await restoring(undefined)).toEqual([line, ['sites/site_1', undefined]])
    expect((await restoring(undefined, null))[0]).toBe('site_1 has no copy from before an upgrade.')
  })

  it('begins to restore the copy that it is given', async () => {
    const body = { archiveId: 'arc_1', reason: 'It lost pages.' }
    expect(await restoring('arc_1')).toEqual([
      'site_1: the restore of arc_1 has begun.',
      ['sites/site_1/restore-release-copy', body],
    ])
  })
})
