import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { httpCall } from '../../bin/demo/http-call.ts'
import { findFreePort } from '../../local/engine/free-port.ts'
import { caddyfile, nginxProxy } from './configurations.ts'

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
  const { path: directory } = starting.use(await mkdtempDisposable(join(tmpdir(), `sitewright-bench-${name}-`)))
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

/** Linux counts in hundredths of a second towards programs, whatever its own clock does. */
const ticksPerSecond = 100

/**
 * Seconds of processor time that a process has used so far, user and system; NaN on anything but Linux. Unlike the time on
 * the clock it hardly changes when other work gets in the way.
 */
export const processorSeconds = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // proc_pid_stat(5): the second field is the command in parentheses and may hold anything, so count from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) / ticksPerSecond
}

/** A process's own children, such as a server's workers. */
export const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}
