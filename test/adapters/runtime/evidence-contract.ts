import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Observation, SiteObserver, SiteRuntime } from '../../../core/ports/runtime.ts'
import { diagnose, maxEnds } from '../../../lambdas/sites/evidence/diagnose.ts'
import { probeLaunch } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { OpenedRuntime } from './contract.ts'

type Observed = Omit<OpenedRuntime, 'runtime'> & { readonly runtime: SiteRuntime & SiteObserver }

const probe = createHealthProbe()
const serve = (port: string, status: number) =>
  `require('http').createServer((_, a) => a.writeHead(${status}).end()).listen(${port}, process.env.HOST)`

/** Each of the five causes with a real program, on a runtime of this machine. */
export const evidenceContract = (name: string, open: () => Promise<Observed>): void => {
  describe(`${name}, as every runtime that observes sites`, () => {
    let opened: Observed
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())

    test('ends are counted from the start', async () => {
      const command = ['node', '-e', 'process.exitCode = 1']
      const launch = probeLaunch({ container: { command, process: { command, directory: '.' } } })
      const { runtime, storage } = opened
      await storage.prepare(launch)
      expect(await runtime.countEnds(launch)).toBe(0)
      await runtime.start(launch)
      await waitFor(async () => (await runtime.countEnds(launch)) >= maxEnds)
      const since = new Date(0).toISOString()
      expect(await runtime.countEnds(launch, { launch, since })).toBeGreaterThanOrEqual(maxEnds)
      const other = { ...launch, environment: { ANOTHER: 'launch' } }
      expect(await runtime.countEnds(launch, { launch: other, since })).toBe(0)
      await runtime.remove(launch)
      expect(await runtime.countEnds(launch)).toBe(0)
    })

    test('output is read on from a cursor, and nothing twice', async () => {
      const script = "let n = 0; setInterval(() => console.log('line ' + n++), 20)"
      const command = ['node', '-e', script]
      const launch = probeLaunch({ container: { command, process: { command, directory: '.' } } })
      const { runtime, storage } = opened
      expect(await runtime.readLogs(launch, {})).toEqual([])
      await storage.prepare(launch)
      await runtime.start(launch)
      const lines: string[] = []
      let after: Record<string, string> = {}
      await waitFor(async () => {
        const [log] = await runtime.readLogs(launch, after)
        if (log === undefined) return false
        expect(log.container).toBe('probe-site')
        after = { [log.container]: log.position }
        lines.push(...log.lines)
        return lines.length > 20
      })
      await runtime.remove(launch)
      expect(lines).toEqual(lines.map((_, index) => `line ${index}`))
    })

    /** An engine may be unable to say while something ends. */
    const observe = (siteId: SiteId) => opened.runtime.observe({ siteId, cell: 'local' }).catch(() => undefined)

    /** The cause of a failed start, once it can be told. */
    const causeOf = async (script: string, isThere: (seen: Observation) => boolean, flags: readonly string[] = []) => {
      const command = ['node', ...flags, '-e', script]
      const launch = probeLaunch({ container: { command, process: { command, directory: '.' } } })
      const { siteId } = launch
      const { runtime, storage } = opened
      expect(await runtime.observe({ siteId, cell: 'local' })).toBeUndefined()
      await storage.prepare(launch)
      await runtime.start(launch)
      const seen = await waitFor(async () => {
        const found = await observe(siteId)
        return found !== undefined && isThere(found) && found
      })
      const endpoint = await runtime.locate({ siteId, cell: 'local' }).catch(() => undefined)
      const answer = endpoint && (await probe.ask(endpoint, '/healthz'))
      await runtime.remove({ siteId, cell: 'local' })
      expect(await runtime.observe({ siteId, cell: 'local' })).toBeUndefined()
      return { ...diagnose(seen, answer, { healthPath: '/healthz' }), seen }
    }
    const endsTwice = ({ containers }: Observation) => containers.some(({ ends }) => ends >= maxEnds)
    const listens = ({ listeners = [] }: Observation) => listeners.length > 0

    test('a crash is told by its exit code and last lines', async () => {
      const script = `console.log('first words'); console.error('last words'); process.exitCode = 3`
      const { cause, detail, seen } = await causeOf(script, endsTwice)
      expect(cause).toBe('crash')
      expect(detail).toContain('with exit code 3.')
      expect(seen.containers).toMatchObject([{ name: 'probe-site', lastEnd: { exitCode: 3 } }])
      expect(seen.containers[0]?.lines).toEqual(expect.arrayContaining(['first words', 'last words']))
    })

    test('a container for which others wait is told too: how it ended, with its last lines', async () => {
      const database = ['node', '-e', "console.log('boom'); setTimeout(() => process.exit(3), 300)"]
      const launch = probeLaunch({ sidecar: true })
      const { siteId, blueprint } = launch
      const [web, beside] = blueprint.containers
      if (web === undefined || beside === undefined) throw new Error('there are two containers')
      const containers = [
        { ...web, after: [beside.name] },
        {
          ...beside,
          command: database,
          process: { command: database, directory: '.' },
          health: { command: ['node', '-e', 'process.exit(1)'] },
        },
      ]
      const { runtime, storage } = opened
      await storage.prepare(launch)
      const starting = runtime.start({ ...launch, blueprint: { ...blueprint, containers } })
      await expect(starting).rejects.toMatchObject({ kind: 'LaunchFailed' })
      const seen = await observe(siteId)
      expect(seen?.containers).toMatchObject([
        { name: beside.name, ends: 1, lastEnd: { exitCode: 3 }, lines: ['boom'] },
      ])
      expect(diagnose(seen, undefined, { healthPath: '/healthz' })).toMatchObject({ cause: 'crash' })
      await runtime.remove({ siteId, cell: 'local' })
      expect(await runtime.observe({ siteId, cell: 'local' })).toBeUndefined()
    })

    test('a program that ends without an error is told to stay', async () => {
      const { cause, detail } = await causeOf('0', endsTwice)
      expect([cause, detail.endsWith('a program has to stay in the foreground.')]).toEqual(['crash', true])
    })

    test('a wrong port is told beside the right one', async () => {
      const { cause, detail, seen } = await causeOf(serve('3999', 200), listens)
      expect([cause, detail]).toEqual(['wrong-port', `It listens on 3999 instead of PORT (${seen.port}).`])
    })

    test('a wrong health path is told by its answer', async () => {
      const { cause, detail } = await causeOf(serve('process.env.PORT', 404), listens)
      expect([cause, detail]).toEqual(['wrong-health-path', '/healthz answers 404, not 2xx or 3xx.'])
    })

    test('a refused write is told by its path', async () => {
      const { cause, detail } = await causeOf(`require('fs').writeFileSync('/sys/refused', '')`, endsTwice)
      expect(cause).toBe('refused-write')
      expect(detail).toContain("'probe-site' was refused a write to /sys/refused")
    })

    test('a limit is told by the output', async () => {
      const script = 'const all = []; for (;;) all.push(new Array(1e5).fill(all))'
      const { cause, detail } = await causeOf(script, endsTwice, ['--max-old-space-size=16'])
      expect(cause).toBe('limit')
      expect(detail).toContain('ran out of memory')
    })
  })
}
