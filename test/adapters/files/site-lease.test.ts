import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, type TestContext, test } from 'vitest'
import { keepLease, takeLease } from '../../../adapters/files/site-lease.ts'
import { waitFor } from '../../support/wait-for.ts'

const helper = fileURLToPath(new URL('../../../cloud/site-helper.ts', import.meta.url))

/** Writes its name to the file `written` until it is told to end, and for a second more. */
const program = `
const { appendFileSync } = require('node:fs')
setInterval(() => appendFileSync('written', process.argv[1] + '\\n'), 10)
process.once('SIGTERM', () => setTimeout(() => process.exit(0), 1000))
`

const endOf = async (child: ChildProcess): Promise<unknown> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode ?? child.signalCode
}

/** A data directory, with tasks that have it. */
const openScene = async ({ onTestFinished }: TestContext) => {
  const data = await mkdtemp(join(tmpdir(), 'sitewright-lease-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))

  /** A task as ECS runs it: the program starts after the lease was taken, ends before the keeper, and ends where the keeper does. */
  const startTask = async (name: string, { stopSeconds = 2 } = {}) => {
    const shared = await mkdtemp(join(tmpdir(), 'sitewright-term-'))
    const children: ChildProcess[] = []
    onTestFinished(async () => {
      for (const child of children) child.kill('SIGKILL')
      await rm(shared, { recursive: true, force: true })
    })
    const start = (...args: readonly string[]): ChildProcess => {
      const env = { DATA: data, HANDED_OVER_IN: shared, RENEW_SECONDS: '3', STOP_SECONDS: String(stopSeconds) }
      const child = spawn(process.execPath, args, { env, cwd: data, stdio: 'ignore' })
      children.push(child)
      return child
    }
    const [taker, keeper] = [start(helper, 'take'), start(helper, 'keep')]
    const begun = endOf(taker).then((code) => {
      if (code !== 0) return undefined
      const running = start('--eval', program, name)
      endOf(keeper).then(() => running.kill('SIGTERM'))
      return running
    })
    return {
      taker,
      keeper,
      begun,
      /** As ECS does. */
      stop: async (): Promise<unknown> => {
        const running = await begun
        running?.kill('SIGTERM')
        await (running && endOf(running))
        keeper.kill('SIGTERM')
        return endOf(keeper)
      },
      /** As the end of its machine does. */
      kill: (): void => {
        for (const child of children) child.kill('SIGKILL')
      },
    }
  }

  const written = async (): Promise<readonly string[]> =>
    (await readFile(join(data, 'written'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')

  return {
    data,
    startTask,
    hasWritten: (name: string) => waitFor(async () => (await written()).at(-1) === name),
    /** The programs that wrote, in their order; one that wrote again after another is there twice. */
    turns: async (): Promise<readonly string[]> => {
      const lines = await written()
      return lines.filter((name, index) => name !== lines[index - 1])
    },
    /** A file of the lease. */
    fileOf: (name: string): string => join(data, '.sitewright-lease', name),
  }
}

describe.concurrent('of two tasks with the same data', { timeout: 600_000 }, () => {
  test('the second starts its program once the first has ended and released the lease, not before', async (context) => {
    const { startTask, hasWritten, turns, fileOf } = await openScene(context)
    const first = await startTask('one', { stopSeconds: 3600 })
    await hasWritten('one')
    const stopped = first.stop()
    const second = await startTask('two', { stopSeconds: 3600 })
    context.expect(await stopped).toBe(0)
    await hasWritten('two')
    context.expect(await turns()).toEqual(['one', 'two'])
    // What earlier tasks had is removed.
    context.expect((await readdir(fileOf('.'))).toSorted()).toEqual(['2', 'newest'])
    await second.stop()
  })

  test('the first ends by itself where it was not told to', async (context) => {
    const { startTask, hasWritten, turns } = await openScene(context)
    const first = await startTask('one')
    await hasWritten('one')
    await startTask('two')
    context.expect(await endOf(first.keeper)).toBe('SIGKILL')
    await hasWritten('two')
    context.expect(await turns()).toEqual(['one', 'two'])
  })

  test('the second waits as long as the first may still write, where the machine of the first is gone', async (context) => {
    const { startTask, hasWritten } = await openScene(context)
    const first = await startTask('one')
    await hasWritten('one')
    first.kill()
    const begun = performance.now()
    const second = await startTask('two')
    await second.begun
    // It cannot know when the first wrote last.
    context.expect(performance.now() - begun).toBeGreaterThan(11_000)
  })

  test('the second does not wait where the first was gone for long', async (context) => {
    const { startTask, hasWritten, turns, fileOf } = await openScene(context)
    const first = await startTask('one', { stopSeconds: 3600 })
    await hasWritten('one')
    first.kill()
    await utimes(fileOf('1'), 0, 0)
    await startTask('two', { stopSeconds: 3600 })
    await hasWritten('two')
    context.expect(await turns()).toEqual(['one', 'two'])
  })

  test('the first ends when it continues after a pause', async (context) => {
    const { startTask, hasWritten, turns } = await openScene(context)
    const first = await startTask('one')
    await hasWritten('one')
    const { keeper, begun } = first
    const paused = (await begun)!
    for (const child of [keeper, paused]) child.kill('SIGSTOP')
    await startTask('two')
    await hasWritten('two')
    keeper.kill('SIGCONT')
    context.expect(await endOf(keeper)).toBe('SIGKILL')
    context.expect(await turns()).toEqual(['one', 'two'])
  })
})

describe.concurrent('a task', { timeout: 600_000 }, () => {
  test('that is the newest of several that wait gets the data, and the others give up', async (context) => {
    const { startTask, hasWritten } = await openScene(context)
    const first = await startTask('one', { stopSeconds: 3600 })
    await hasWritten('one')
    const others = [await startTask('two', { stopSeconds: 3600 }), await startTask('three', { stopSeconds: 3600 })]
    await waitFor(async () => others.some(({ taker }) => taker.exitCode === 1))
    await first.stop()
    const winners = (await Promise.all(others.map(({ begun }) => begun))).filter((running) => running !== undefined)
    context.expect(winners).toHaveLength(1)
  })

  test('that is told to end while it waits leaves the data to the next one', async (context) => {
    const { startTask, hasWritten, turns, fileOf } = await openScene(context)
    const first = await startTask('one', { stopSeconds: 3600 })
    await hasWritten('one')
    const second = await startTask('two', { stopSeconds: 3600 })
    await waitFor(async () => /waits \d/.test(await readFile(fileOf('2'), 'utf8').catch(() => '')))
    second.taker.kill('SIGTERM')
    context.expect(await endOf(second.taker)).toBe(1)
    await first.stop()
    await startTask('three', { stopSeconds: 3600 })
    await hasWritten('three')
    context.expect(await turns()).toEqual(['one', 'three'])
  })

  test('ends where the file system does not answer', async (context) => {
    const { startTask, hasWritten, fileOf } = await openScene(context)
    const first = await startTask('one')
    await hasWritten('one')
    const newest = fileOf('newest')
    await rm(newest)
    // Opening it waits for ever.
    await promisify(execFile)('mkfifo', [newest])
    context.expect(await endOf(first.keeper)).toBe('SIGKILL')
  })

  test('ends at once where another has taken the data, even if its clock did not count a pause', async (context) => {
    const { data, fileOf } = await openScene(context)
    const lease = { data, renewEvery: 2000, stopAfter: 3_600_000 }
    const term = await takeLease(lease, { toldToEnd: new AbortController().signal, endAtOnce: () => undefined })
    const { promise, resolve } = Promise.withResolvers<string>()
    const release = keepLease(lease, term, resolve)
    // As the next one does when it takes the data.
    await rm(fileOf('1'))
    context.expect(await promise).toBe('another task has taken the data')
    await release().catch(() => undefined)
  })
})
