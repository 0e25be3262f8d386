import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  Launch,
  OneOff,
  OneOffState,
  SiteCommands,
  SiteObserver,
  SiteRuntime,
} from '../../../core/ports/runtime.ts'
import { probeLaunch } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import { healthyEndpoint, type OpenedRuntime } from './contract.ts'

type Commanded = Omit<OpenedRuntime, 'runtime'> & { readonly runtime: SiteRuntime & SiteObserver & SiteCommands }

const appends = "require('fs').appendFileSync(process.env.DATA_DIRECTORY + '/runs', process.env.WHO + ' ')"
const forEver = 'setInterval(() => undefined, 1000)'

/** Commands that run once, with real programs, on a runtime of this machine. */
export const commandContract = (name: string, open: () => Promise<Commanded>): void => {
  describe(`${name}, as every runtime that runs commands`, () => {
    let opened: Commanded
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())

    const prepared = async (options: Parameters<typeof probeLaunch>[0] = {}): Promise<Launch> => {
      const launch = probeLaunch(options)
      await opened.storage.prepare(launch)
      return launch
    }
    const runOf = (script: string, key = 'one', seconds = 60): OneOff => ({
      key,
      command: ['node', '-e', script],
      environment: { WHO: key },
      seconds,
    })
    const ended = (launch: Launch, run: OneOff): Promise<Extract<OneOffState, { state: 'ended' }>> =>
      waitFor(async () => {
        const state = await opened.runtime.runOnce(launch, run)
        return state.state === 'ended' && state
      })
    const runsOf = (launch: Launch) => readFile(join(opened.directoryOf(launch), 'runs'), 'utf8').catch(() => '')

    test('a command runs once on the data for each key, however often its state is read', async () => {
      const launch = await prepared()
      for (let times = 0; times < 3; times += 1) {
        expect(await ended(launch, runOf(`${appends}; console.log('done')`))).toMatchObject({
          exitCode: 0,
          lines: ['done'],
        })
      }
      expect(await runsOf(launch)).toBe('one ')
      await ended(launch, runOf(appends, 'two'))
      expect(await runsOf(launch)).toBe('one two ')
      await opened.runtime.remove(launch)
    })

    test('exclusive data has one program at a time: the site is stopped, and ends the command when it starts', async () => {
      const launch = await prepared()
      const { runtime } = opened
      await runtime.start(launch)
      await healthyEndpoint(runtime, launch.siteId)
      expect(await runtime.runOnce(launch, runOf(forEver))).toEqual({ state: 'running' })
      expect(await runtime.locate(launch)).toBeUndefined()
      await runtime.start(launch)
      await healthyEndpoint(runtime, launch.siteId)
      expect(await runtime.runOnce(launch, runOf(forEver, 'one', 0))).toMatchObject({ state: 'ended' })
      await runtime.remove(launch)
      expect(await runtime.observe(launch)).toBeUndefined()
    })

    test('a command that fails says how, and is seen with its output', async () => {
      const launch = await prepared()
      const script = "console.error('no such table'); process.exitCode = 3"
      expect(await ended(launch, runOf(script))).toEqual({ state: 'ended', exitCode: 3, lines: ['no such table'] })
      const seen = await opened.runtime.observe(launch)
      const [container] = seen?.containers ?? []
      expect(container).toMatchObject({ isRunning: false, lastEnd: { exitCode: 3 }, lines: ['no such table'] })
      await opened.runtime.remove(launch)
    })

    test('nobody can read what a command prints that hides its output, or what runs beside it', async () => {
      const launch = await prepared({ sidecar: true, container: { after: ['probe-sidecar'] } })
      const script = "console.log('ada@example.com'); console.error('ada@example.com'); process.exitCode = 3"
      const seen = async (run: OneOff) => {
        const state = await ended(launch, run)
        const checked = await opened.runtime.observe(launch)
        const logs = await opened.runtime.readLogs(launch, {})
        return { state, checked, printed: JSON.stringify([state, checked, logs]) }
      }
      const hidden = await seen({ ...runOf(script), hidesOutput: true })
      expect(hidden).toMatchObject({ state: { exitCode: 3, lines: [] }, printed: expect.not.stringContaining('ada@') })
      expect(hidden.checked?.containers.flatMap(({ lines }) => lines)).toEqual([])
      expect((await seen(runOf(script, 'two'))).printed).toContain('ada@')
      await opened.runtime.remove(launch)
    })

    test('a command that hangs is ended after its time', async () => {
      const launch = await prepared()
      const { exitCode, lines } = await ended(launch, runOf(`console.log('wait'); ${forEver}`, 'one', 1))
      expect([exitCode, lines]).toEqual([undefined, ['wait']])
      await opened.runtime.remove(launch)
    })

    test('the containers that it waits for run beside it, and end with it', async () => {
      const launch = await prepared({ sidecar: true, container: { after: ['probe-sidecar'] } })
      expect(await ended(launch, runOf(appends))).toMatchObject({ exitCode: 0 })
      await waitFor(async () => {
        const seen = await opened.runtime.observe(launch)
        return seen?.containers.every(({ isRunning }) => !isRunning)
      })
      await opened.runtime.remove(launch)
    })

    test('a removal ends a command', async () => {
      const launch = await prepared()
      await opened.runtime.runOnce(launch, runOf(forEver))
      expect(await opened.runtime.list()).toMatchObject([{ siteId: launch.siteId }])
      await opened.runtime.remove(launch)
      expect(await opened.runtime.list()).toEqual([])
    })
  })
}
