import { afterEach, describe, expect, it } from 'vitest'
import { type ErrorKind, SitewrightError } from '../../core/errors.ts'
import type { ExecutionStatus, StateMachineName } from '../../core/ports/workflows.ts'
import { createWorkflows, type LocalWorkflows } from '../../local/workflows.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { waitFor } from '../support/wait-for.ts'
import { definitions, tasksOf } from './definitions.ts'

type Work = (input: unknown, call: number) => Promise<unknown>

const states = definitions.flatMap(([, definition]) => tasksOf(definition).map(([state]) => state))
const fails =
  (kind: ErrorKind): Work =>
  async () => {
    throw new SitewrightError(kind, 'it was told to')
  }
const siteId = 'site_01jq3v5k8m0000000000000001'
const input = { siteId, operationId: `provision-site-${siteId}-1`, fence: 1 }

const opened: LocalWorkflows[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((workflows) => workflows.close()))
})

/** The real machine with tasks that do what a test says, and nothing otherwise. */
const runWith = async (
  work: Readonly<Record<string, Work>>,
  atOnce = 4,
  machine: StateMachineName = 'provision-site',
) => {
  const calls: { state: string; input: unknown }[] = []
  const task = (state: string) => async (call: unknown) => {
    const { input: received } = call as { input: unknown }
    calls.push({ state, input: received })
    return work[state]?.(received, calls.filter((call) => call.state === state).length)
  }
  const workflows = await createWorkflows({
    tasks: new Map([[machine, new Map(states.map((state) => [state, task(state)]))]]),
    atOnce,
    log: recordingLog(),
  })
  opened.push(workflows)
  const start = (name = 'one') => workflows.start(machine, name, input)
  const ended = async (name = 'one'): Promise<ExecutionStatus> =>
    waitFor(async () => {
      const status = await workflows.status(machine, name)
      return status !== 'running' && status
    })
  return { workflows, start, ended, calls, order: () => calls.map(({ state }) => state) }
}

describe('building a site', () => {
  it('prepares its storage, starts it, awaits it and opens it', async () => {
    const run = await runWith({ StartSite: async () => ({ noise: 'of a task' }) })
    await run.start()
    expect(await run.ended()).toBe('succeeded')
    expect(run.order()).toEqual(['PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite'])
    for (const call of run.calls) expect(call.input).toMatchObject(input)
  })

  it('runs a command that makes the administrator before the start, and waits for it', async () => {
    const run = await runWith({
      PrepareStorage: async () => ({ runs: true }),
      HandOverFirst: async (_, call) => (call === 1 ? fails('SiteNotReady')(input, call) : undefined),
    })
    await run.start()
    expect(await run.ended()).toBe('succeeded')
    const commands = ['HandOverFirst', 'HandOverFirst']
    expect(run.order()).toEqual(['PrepareStorage', ...commands, 'StartSite', 'AwaitSite', 'OpenSite'])
  })

  it('restores an archive, reads how that ended, and proves what it has restored', async () => {
    const run = await runWith({ PrepareStorage: async () => ({ restores: true, runs: false }) })
    await run.start()
    expect(await run.ended()).toBe('succeeded')
    expect(run.order()).toEqual(['PrepareStorage', 'RestoreArchive', 'RestoreArchive', 'ProveRestored', 'OpenSite'])
  })

  it.each(['StartSite', 'AwaitSite'])(
    'that fails permanently in %s is recorded first and cleared away then',
    async (state) => {
      const run = await runWith({ [state]: fails('LaunchFailed') })
      await run.start()
      expect(await run.ended()).toBe('failed')
      expect(run.order().slice(run.order().indexOf(state))).toEqual([state, 'FailSite', 'RemoveFailedSite'])
      expect(run.calls.at(-2)?.input).toMatchObject({ ...input, error: { Error: 'LaunchFailed' } })
    },
  )

  it.each(['PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite'])(
    'that was overtaken in %s ends there, tries nothing again and clears nothing away',
    async (state) => {
      const run = await runWith({ [state]: fails('OperationSuperseded') })
      await run.start()
      expect(await run.ended()).toBe('succeeded')
      expect(run.order().at(-1)).toBe(state)
      expect(run.order().filter((called) => called === state)).toHaveLength(1)
    },
  )

  it('that was overtaken when it was to be failed clears nothing away', async () => {
    const run = await runWith({ StartSite: fails('LaunchFailed'), FailSite: fails('OperationSuperseded') })
    await run.start()
    expect(await run.ended()).toBe('succeeded')
    expect(run.order()).not.toContain('RemoveFailedSite')
  })

  it('is left to the sweeps where clearing away turns out to be somebody else’s', async () => {
    const run = await runWith({ StartSite: fails('LaunchFailed'), RemoveFailedSite: fails('OperationSuperseded') })
    await run.start()
    expect(await run.ended()).toBe('failed')
    expect(run.order().filter((state) => state === 'RemoveFailedSite')).toHaveLength(1)
  })

  it('tries again after a passing fault', async () => {
    const run = await runWith({
      PrepareStorage: async (_, call) => (call === 1 ? fails('VersionConflict')(input, call) : undefined),
    })
    await run.start()
    expect(await run.ended()).toBe('succeeded')
    expect(run.order()).toEqual(['PrepareStorage', 'PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite'])
  })
})

describe('an upgrade that goes back', () => {
  it.each([
    [true, 'succeeded'],
    [false, 'failed'],
  ] as const)('whose failure is its owner’s: %s, has %s for operators', async (isOwners, status) => {
    const work = { MoveToVersion: fails('LaunchFailed'), FailUpgrade: async () => ({ isOwners }) }
    const run = await runWith({ MakeWay: async () => ({ copies: false }), ...work }, 4, 'upgrade-site')
    await run.start()
    expect(await run.ended()).toBe(status)
    expect(run.order().at(-1)).toBe('FailUpgrade')
  })
})

describe.each([
  ['provision-site', 'AwaitSite'],
  ['anonymise-copy', 'AnonymiseCopy'],
] as const)('%s of software that does not start', (machine, state) => {
  it.each([
    [true, 'succeeded'],
    [false, 'failed'],
  ] as const)('that is its owner’s: %s, has %s for operators, and is cleared away', async (isOwners, status) => {
    const work = { [state]: fails('LaunchFailed'), FailSite: async () => ({ isOwners }) }
    const run = await runWith(work, 4, machine)
    await run.start()
    expect(await run.ended()).toBe(status)
    expect(run.order().slice(-2)).toEqual(['FailSite', 'RemoveFailedSite'])
  })
})

describe('anonymising a copy', () => {
  const first = ['PrepareStorage', 'RestoreArchive', 'RestoreArchive']

  it('restores the copy, waits for the command, keeps its result, and begins the build', async () => {
    const work: Record<string, Work> = {
      AnonymiseCopy: async (_, call) => (call === 1 ? fails('SiteNotReady')(input, call) : undefined),
    }
    const run = await runWith(work, 4, 'anonymise-copy')
    await run.start()
    expect(await run.ended()).toBe('succeeded')
    const kept = ['TakeResult', 'TakeResult', 'DestroyCopy', 'DestroyCopy']
    const last = ['AnonymiseCopy', 'AnonymiseCopy', ...kept, 'BeginBuild']
    expect(run.order()).toEqual([...first, ...last])
    for (const call of run.calls) expect(call.input).toMatchObject(input)
  })

  it('that fails is recorded first, and its copy is cleared away then', async () => {
    const run = await runWith({ AnonymiseCopy: fails('LaunchFailed') }, 4, 'anonymise-copy')
    await run.start()
    expect(await run.ended()).toBe('failed')
    expect(run.order()).toEqual([...first, 'AnonymiseCopy', 'FailSite', 'RemoveFailedSite'])
  })

  it('fails no site whose build cannot be begun: the sweep begins it', async () => {
    const run = await runWith({ BeginBuild: fails('LaunchFailed') }, 4, 'anonymise-copy')
    await run.start()
    expect(await run.ended()).toBe('failed')
    expect(run.order().at(-1)).toBe('BeginBuild')
  })
})

describe('an execution', () => {
  it('is unknown before it starts', async () => {
    const { workflows } = await runWith({})
    expect(await workflows.status('provision-site', 'one')).toBe('unknown')
  })

  it('runs once under one name, whether it runs or has ended', async () => {
    const gate = Promise.withResolvers<void>()
    const run = await runWith({ PrepareStorage: () => gate.promise })
    await Promise.all([run.start(), run.start()])
    expect(await run.workflows.status('provision-site', 'one')).toBe('running')
    gate.resolve()
    await run.ended()
    await run.start()
    expect(await run.workflows.status('provision-site', 'one')).toBe('succeeded')
    expect(run.order()).toHaveLength(4)
  })

  it('waits where as many run as may', async () => {
    const gate = Promise.withResolvers<void>()
    const run = await runWith({ PrepareStorage: () => gate.promise }, 1)
    await run.start('one')
    await run.start('two')
    await waitFor(async () => run.calls.length > 0)
    expect(run.calls).toHaveLength(1)
    gate.resolve()
    expect(await run.ended('two')).toBe('succeeded')
  })
})

describe('closing while a site is being built', () => {
  it('waits for the running task and starts no other', async () => {
    const gate = Promise.withResolvers<void>()
    let isDone = false
    const run = await runWith({
      StartSite: async () => {
        await gate.promise
        isDone = true
      },
    })
    await run.start()
    await waitFor(async () => run.order().includes('StartSite'))
    const closed = run.workflows.close()
    gate.resolve()
    await closed
    expect(isDone).toBe(true)
    expect(run.order()).toEqual(['PrepareStorage', 'StartSite'])
  })

  it('starts nothing that waited for its turn, nor what comes after', async () => {
    const gate = Promise.withResolvers<void>()
    const run = await runWith({ PrepareStorage: () => gate.promise }, 1)
    await run.start('one')
    await run.start('two')
    await waitFor(async () => run.calls.length > 0)
    const closed = run.workflows.close()
    await run.start('three')
    gate.resolve()
    await closed
    expect(run.order()).toEqual(['PrepareStorage'])
    expect(await run.workflows.status('provision-site', 'three')).toBe('unknown')
  })
})
