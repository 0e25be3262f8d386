import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it, vi } from 'vitest'
import { followStart } from '../../../bin/blueprint/try/follow-start.ts'
import { openStage, type Stage } from '../../../bin/blueprint/try/stage.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  vi.unstubAllEnvs()
  await rm(directory, { recursive: true, force: true })
})

/** A small program, as a plain process. */
const launchOf = (script: string, flags: readonly string[] = []): Launch => {
  const command = [process.execPath, ...flags, '-e', script]
  const launch = probeLaunch({ container: { command, process: { command, directory: '.' } } })
  const { blueprint } = launch
  return { ...launch, blueprint: { ...blueprint, traffic: { ...blueprint.traffic, startSeconds: 300 } } }
}

const serve = (answer: string, port = 'process.env.PORT') =>
  `require('http').createServer((_, response) => { ${answer} }).listen(${port}, process.env.HOST)`
const answer = (status: number) => `response.writeHead(${status}).end()`
const sqlite = (file: string, options: string) => `new (require('node:sqlite').DatabaseSync)(${file}, ${options})`

/** Starts it until its cause is named. Checks are 200 ms apart at least: fifty take ten seconds, or longer on a slow machine. */
const causeOf = async (launch: Launch) => {
  const over = new AbortController()
  const said: string[] = []
  let checks = 0
  const observe: Stage['runtime']['observe'] = (siteId) => {
    checks += 1
    return stage.runtime.observe(siteId)
  }
  const print = (line: string): void => {
    said.push(line)
    over.abort()
  }
  const following = { print, waitsLong: true, signal: over.signal }
  await stage.storage.prepare(launch)
  const start = await followStart({ runtime: { ...stage.runtime, observe } }, launch, following).catch(() => undefined)
  await stage.runtime.remove(launch)
  const result = start?.isHealthy === false ? `${start.diagnosis.cause}: ${start.diagnosis.detail}` : 'healthy'
  return { cause: said[0]?.replace('So far, ', '') ?? result, checks }
}

const tenSeconds = 50

const directory = await mkdtemp(join(tmpdir(), 'sitewright-causes-'))
vi.stubEnv('TMPDIR', directory)
const stage = await openStage(launchOf('0').blueprint, join(directory, 'probe.yaml'), 'processes')

describe.concurrent('the cause of a start that fails is named long before its time ends', { timeout: 600_000 }, () => {
  it.for([
    ['ends with an error', 'process.exit(7)', 'crash: .*with exit code 7'],
    ['becomes a daemon', '0', 'crash: .*has to stay in the foreground'],
    ['ends by a signal', "process.kill(process.pid, 'SIGSEGV')", 'crash: .*by the signal SIGSEGV'],
    ['listens on another port', serve('response.end()', 'OTHER'), 'wrong-port: It listens on'],
    ['answers 404', serve(answer(404)), 'wrong-health-path: /healthz answers 404'],
    ['may not write', "require('fs').writeFileSync('/sys/refused', '')", 'refused-write: .*to /sys/refused'],
    ['cannot open its database', sqlite("'/sys/x.db'", '{}'), 'refused-write: .*could not open its database'],
    [
      'serves on a database that it may not write',
      `const database = (options) => ${sqlite("process.env.DATA_DIRECTORY + '/x.db'", 'options')}
       database({}).close()
       const kept = database({ readOnly: true })
       ${serve(`try { kept.exec('CREATE TABLE x (y)') } catch (error) { console.error(error.message); ${answer(500)} }`)}`,
      'refused-write: .*readonly database',
    ],
    ['fills the disk', "require('fs').writeFileSync('/dev/full', 'x')", 'limit: .*ran out of space'],
    [
      'fills its memory',
      'const all = []; for (;;) all.push(new Array(1e5).fill(all))',
      'limit: .*ran out of memory',
      ['--max-old-space-size=16'],
    ],
    ['answers 500', serve(answer(500)), 'server-error: /healthz answers 500'],
    ['answers 503 while it warms up', serve(answer(503)), 'slow: /healthz answers 503'],
    ['listens nowhere yet', 'setInterval(() => 0, 1000)', 'slow: It runs, and listens on no port'],
    ['does not answer yet', serve(''), 'slow: It accepts connections'],
  ] as const)('of a program that %s', async ([_, script, expected, flags], { expect }) => {
    const { cause, checks } = await causeOf(launchOf(script.replace('OTHER', String(await findFreePort())), flags))
    expect(cause).toMatch(new RegExp(`^${expected}`))
    expect(checks).toBeLessThanOrEqual(tenSeconds)
  })

  it.for([
    [
      'answers 500 while it warms up',
      `let asked = 0; ${serve(`asked += 1; response.writeHead(asked > 3 ? 200 : 500).end()`)}`,
    ],
    [
      'needs two starts',
      `const { existsSync, writeFileSync } = require('fs')
       const marker = process.env.DATA_DIRECTORY + '/begun'
       if (!existsSync(marker)) { writeFileSync(marker, ''); process.exit(1) }
       ${serve('response.end()')}`,
    ],
  ] as const)('is nothing where a program %s', async ([_, script], { expect }) => {
    expect((await causeOf(launchOf(script))).cause).toBe('healthy')
  })
})
