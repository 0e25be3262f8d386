import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { httpCall } from '../../bin/demo/http-call.ts'
import { findFreePort } from '../../local/engine/free-port.ts'
import { caddyfile, nginxProxy } from './configurations.ts'
import { childrenOf } from './processor-time.ts'

export const referenceNames = ['caddy', 'nginx'] as const
export type ReferenceName = (typeof referenceNames)[number]

/** Somebody else's reverse proxy in front of one upstream. */
export interface ReferenceProxy extends AsyncDisposable {
  readonly port: number
  readonly pids: readonly number[]
}

const startMilliseconds = 10_000

const commands = {
  caddy: { configure: caddyfile, arguments: (file: string) => ['run', '--adapter', 'caddyfile', '--config', file] },
  nginx: { configure: nginxProxy, arguments: (file: string) => ['-c', file] },
}

/** Starts one as its manual says, with connections to the upstream that are kept. @throws {Error} with what it printed. */
export const startReferenceProxy = async (
  name: ReferenceName,
  program: string,
  upstreamPort: number,
): Promise<ReferenceProxy> => {
  await using starting = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), `sitewright-bench-${name}-`))
  starting.defer(() => rm(directory, { recursive: true, force: true }))
  const port = await findFreePort()
  const file = join(directory, 'configuration')
  await writeFile(file, commands[name].configure({ port, upstreamPort, directory }))
  const child = spawn(program, commands[name].arguments(file), {
    env: { PATH: process.env['PATH'], HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: unknown): void => {
    output = `${output}${chunk}`.slice(-2000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = once(child, 'exit')
  starting.defer(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const answers = () =>
    httpCall({ url: `http://127.0.0.1:${port}/` }).then(
      ({ status }) => status < 500,
      () => false,
    )
  const startedAt = performance.now()
  while (!(await answers())) {
    if (child.exitCode !== null || performance.now() - startedAt > startMilliseconds) {
      throw new Error(`${name} does not start. It printed:\n${output}`)
    }
    await sleep(50)
  }
  const pids = child.pid === undefined ? [] : [child.pid, ...(await childrenOf(child.pid))]
  const started = starting.move()
  return { port, pids, [Symbol.asyncDispose]: () => started.disposeAsync() }
}
