import { StateMachine } from 'aws-local-stepfunctions'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ErrorKind, SitewrightError } from '../../core/errors.ts'
import { createWorkflows, type LocalWorkflows } from '../../local/workflows.ts'
import { passTime } from '../support/pass-time.ts'
import { waitFor } from '../support/wait-for.ts'

const log = { info: () => undefined, warn: () => undefined, error: () => undefined }
const states = ['PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite', 'FailSite', 'RemoveFailedSite'] as const
type State = (typeof states)[number]
type Task = (input: unknown) => Promise<unknown>

const open: LocalWorkflows[] = []

afterEach(async () => {
  for (const workflows of open.splice(0)) await workflows.close()
})

/** The machine that builds sites, over tasks that note their calls and otherwise do as told. */
const createForTest = async (tasks: Partial<Record<State, Task>> = {}, atOnce = 4) => {
  const calls: { state: State; input: unknown }[] = []
  const handlers = states.map((state): [string, Task] => [
    state,
    async (call) => {
      const { input } = call as { input: unknown }
      calls.push({ state, input })
      return tasks[state]?.(input)
    },
  ])
  const workflows = await createWorkflows({
    tasks: new Map([['provision-site', new Map(handlers)]]),
    atOnce,
    log,
    secondMilliseconds: 1,
  })
  open.push(workflows)
  const run = async (name: string, input: object = { siteId: 'site_1', fence: 1 }) => {
    await workflows.start('provision-site', name, input)
    return waitFor(async () => {
      const status = await workflows.status('provision-site', name)
      return status !== 'running' && status
    })
  }
  return { workflows, run, calls, visited: () => calls.map(({ state }) => state) }
}

const failing = (kind: ErrorKind, times = Number.POSITIVE_INFINITY): Task => {
  let failures = 0
  return async () => {
    failures += 1
    if (failures <= times) throw new SitewrightError(kind, 'it failed')
  }
}

describe('the build of a site', () => {
  it('goes from storage to open, and hands every task the same input', async () => {
    const { run, calls, visited } = await createForTest()
    expect(await run('build-1', { siteId: 'site_1', fence: 3 })).toBe('succeeded')
    expect(visited()).toEqual(['PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite'])
    for (const { input } of calls) expect(input).toMatchObject({ siteId: 'site_1', fence: 3 })
  })

  it.each([
    ['StartSite', 'LaunchFailed', ['PrepareStorage', 'StartSite']],
    ['StartSite', 'BlueprintUnknown', ['PrepareStorage', 'StartSite']],
    ['AwaitSite', 'LaunchFailed', ['PrepareStorage', 'StartSite', 'AwaitSite']],
  ] as const)(
    'that fails in %s with %s is not tried again, is recorded first and then cleared away',
    async (state, kind, way) => {
      const { run, calls, visited } = await createForTest({ [state]: failing(kind) })
      expect(await run('build-1')).toBe('failed')
      expect(visited()).toEqual([...way, 'FailSite', 'RemoveFailedSite'])
      expect(calls.find((call) => call.state === 'FailSite')?.input).toMatchObject({
        siteId: 'site_1',
        fence: 1,
        error: { Error: kind },
      })
    },
  )

  it.each(['PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite'] as const)(
    'tries %s again after a passing fault',
    async (state) => {
      const { run, visited } = await createForTest({ [state]: failing('RuntimeUnavailable', 2) })
      expect(await run('build-1')).toBe('succeeded')
      expect(visited().filter((visitedState) => visitedState === state)).toHaveLength(3)
    },
  )

  it('waits for a site that is not ready for longer than for anything else', async () => {
    const { run, visited } = await createForTest({ AwaitSite: failing('SiteNotReady', 30) })
    expect(await run('build-1')).toBe('succeeded')
    expect(visited().filter((state) => state === 'AwaitSite')).toHaveLength(31)
  })

  it.each(['PrepareStorage', 'StartSite', 'AwaitSite', 'OpenSite'] as const)(
    'that was overtaken ends in %s and clears nothing away',
    async (state) => {
      const { run, visited } = await createForTest({ [state]: failing('OperationSuperseded') })
      expect(await run('build-1')).toBe('succeeded')
      expect(visited()).not.toContain('FailSite')
      expect(visited().filter((visitedState) => visitedState === state)).toHaveLength(1)
    },
  )

  it('that was overtaken while it failed clears nothing away', async () => {
    const { run, visited } = await createForTest({
      StartSite: failing('LaunchFailed'),
      FailSite: failing('OperationSuperseded'),
    })
    expect(await run('build-1')).toBe('succeeded')
    expect(visited()).not.toContain('RemoveFailedSite')
  })

  it('that cannot record its failure leaves everything to the sweeps', async () => {
    const { run, visited } = await createForTest({
      StartSite: failing('LaunchFailed'),
      FailSite: failing('Unavailable'),
    })
    expect(await run('build-1')).toBe('failed')
    expect(visited().filter((state) => state === 'FailSite').length).toBeGreaterThan(3)
    expect(visited()).not.toContain('RemoveFailedSite')
  })
})

describe('executions', () => {
  it('of one name run once', async () => {
    const { workflows, run, visited } = await createForTest()
    await Promise.all([run('build-1'), run('build-1')])
    await workflows.start('provision-site', 'build-1', {})
    expect(visited().filter((state) => state === 'PrepareStorage')).toHaveLength(1)
    expect(await workflows.status('provision-site', 'build-1')).toBe('succeeded')
  })

  it('whose input is no JSON fail, and block no other', async () => {
    const { run } = await createForTest({}, 1)
    expect(await run('build-1', { count: 1n })).toBe('failed')
    expect(await run('build-2')).toBe('succeeded')
  })

  it('that have ended hold nothing of their run', async () => {
    const aborts: ReturnType<typeof vi.fn>[] = []
    const { run: runReal } = StateMachine.prototype
    const spy = vi.spyOn(StateMachine.prototype, 'run').mockImplementation(function (this: StateMachine, ...given) {
      const run = runReal.apply(this, given)
      const abort = vi.fn(run.abort)
      aborts.push(abort)
      return { ...run, abort }
    })
    try {
      const { run, workflows } = await createForTest()
      await run('build-1')
      await workflows.close()
    } finally {
      spy.mockRestore()
    }
    expect(aborts).toHaveLength(1)
    expect(aborts[0]).not.toHaveBeenCalled()
  })

  it('that were never started are unknown', async () => {
    const { workflows } = await createForTest()
    expect(await workflows.status('provision-site', 'build-1')).toBe('unknown')
  })

  it('wait where there are more than may run at once, and count as running', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { workflows, run, visited } = await createForTest({ PrepareStorage: () => promise }, 2)
    const runs = ['build-1', 'build-2', 'build-3'].map((name) => run(name))
    await waitFor(async () => visited().length === 2)
    expect(await workflows.status('provision-site', 'build-3')).toBe('running')
    expect(visited()).toEqual(['PrepareStorage', 'PrepareStorage'])
    expect(workflows.starting()).toBe(3)
    resolve()
    expect(await Promise.all(runs)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(workflows.starting()).toBe(0)
    expect(visited().filter((state) => state === 'PrepareStorage')).toHaveLength(3)
  })

  it('that somebody waits for go first', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { workflows, calls } = await createForTest({ PrepareStorage: () => promise }, 1)
    const start = (name: string, isAwaited: boolean) =>
      workflows.start('provision-site', name, { siteId: name }, { isAwaited })
    await start('running', false)
    await start('pool-1', false)
    await start('pool-2', false)
    await start('awaited', true)
    resolve()
    await waitFor(async () => (await workflows.status('provision-site', 'pool-2')) === 'succeeded')
    const begun = calls.filter(({ state }) => state === 'PrepareStorage').map(({ input }) => input)
    expect(begun).toEqual(['running', 'awaited', 'pool-1', 'pool-2'].map((siteId) => ({ siteId })))
  })

  it('that somebody waits for take the place of one that waits for the archiver, but no copy stops a site for that', async () => {
    const begun: string[] = []
    const ended = Promise.withResolvers<void>()
    const machine = (name: 'archive-site' | 'copy-site' | 'sleep-site' | 'wake-site', ...tasks: readonly string[]) => {
      const noting = (task: string): [string, Task] => [task, async () => void begun.push(`${task} of ${name}`)]
      return [name, new Map(tasks.map(noting))] as const
    }
    const workflows = createWorkflows({
      tasks: new Map([
        machine('archive-site', 'StopSite', 'CopyData', 'VerifyCopy', 'ArchiveSite', 'ReleaseData', 'FinishOperation'),
        machine(
          ...(['copy-site', 'PauseSite', 'StopSite', 'CopyData'] as const),
          ...['StartPaused', 'UnpauseSite', 'VerifyCopy', 'RecordCopy'],
        ),
        machine('sleep-site', 'FallAsleep', 'StopSite', 'FinishOperation'),
        machine('wake-site', 'WakeSite'),
      ]),
      untilCompleted: () => ended.promise,
      atOnce: 1,
      log,
      secondMilliseconds: 1,
    })
    open.push(workflows)
    const attempt = { siteId: 'site_1', operationId: 'operation-1', fence: 1 }
    await workflows.start('archive-site', 'archive-1', attempt)
    await workflows.start('sleep-site', 'sleep-1', attempt)
    await workflows.start('copy-site', 'copy-1', attempt, { isAwaited: true })
    await waitFor(() => begun.length === 2)
    await workflows.start('wake-site', 'wake-1', attempt, { isAwaited: true })
    await waitFor(async () => (await workflows.status('wake-site', 'wake-1')) === 'succeeded')
    expect(begun).toEqual(['StopSite of archive-site', 'CopyData of archive-site', 'WakeSite of wake-site'])
    ended.resolve()
    await waitFor(async () => (await workflows.status('sleep-site', 'sleep-1')) === 'succeeded')
    const of = (task: string): number => begun.indexOf(task)
    expect(of('FinishOperation of archive-site')).toBeLessThan(of('PauseSite of copy-site'))
    expect(of('RecordCopy of copy-site')).toBeLessThan(of('FallAsleep of sleep-site'))
  })

  it('whose task takes long delay a stop by five seconds at most', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { workflows, visited } = await createForTest({ StartSite: () => promise })
    await workflows.start('provision-site', 'build-1', {})
    await waitFor(async () => visited().length === 2)
    await passTime(5000, () => workflows.close())
    resolve()
    await new Promise((settled) => setImmediate(settled))
    expect(visited()).toEqual(['PrepareStorage', 'StartSite'])
  })

  it('that run when the host closes end with the running task, and nothing more is started', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { workflows, visited } = await createForTest({ PrepareStorage: () => promise })
    await workflows.start('provision-site', 'build-1', {})
    await waitFor(async () => visited().length === 1)
    let isClosed = false
    const closing = workflows.close().then(() => {
      isClosed = true
    })
    await workflows.start('provision-site', 'build-2', {})
    await new Promise((settled) => setImmediate(settled))
    expect(isClosed).toBe(false)
    resolve()
    await closing
    expect(visited()).toEqual(['PrepareStorage'])
    expect(await workflows.status('provision-site', 'build-2')).toBe('unknown')
  })
})
