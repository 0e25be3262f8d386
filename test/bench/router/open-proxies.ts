import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { demoApi } from '../../acceptance/api.ts'
import { httpCall } from '../../support/http-call.ts'
import { type BenchHost, openBenchHost, signUpPeople } from '../host/bench-host.ts'
import { childrenOf } from '../host/processor-time.ts'
import { caddyfile, nginxProxy } from './configurations.ts'
import { findProgram } from './find-program.ts'

export interface Way {
  readonly name: string
  readonly port: number
  readonly pids: readonly number[]
  /** What works for the proxy beside it: the host, which also does all of its other work meanwhile. */
  readonly besidePids?: readonly number[]
}

export interface Proxies extends AsyncDisposable {
  /** The site's hostname. The router finds the site by it; the other proxies ignore it. */
  readonly hostname: string
  readonly ways: readonly Way[]
  readonly notes: readonly string[]
}

/** Claims a site of the host, and waits until the pool is full again. */
export const claimSite = async (host: BenchHost) => {
  const [person] = await signUpPeople(host.url, 'bench-router', 1)
  if (person === undefined) throw new Error('nobody signed up')
  const { site } = await demoApi(host.url, person.token).createSite(person.slug, person.slug)
  const port = (await host.sitePorts()).get(site.id)
  if (port === undefined) throw new Error(`${site.id} has no port`)
  await host.refilled()
  return { hostname: `${person.slug}.localhost`, port }
}

export const openProxies = async (environment: Readonly<Record<string, string>> = {}): Promise<Proxies> => {
  await using opening = new AsyncDisposableStack()
  const host = opening.use(await openBenchHost({ purpose: 'router', runtime: 'processes', pool: 1, environment }))
  const { hostname, port } = await claimSite(host)
  const ways: Way[] = [
    { name: 'direct', port, pids: [] },
    { name: 'router', port: host.port, pids: await host.routerPids(), besidePids: [host.pid] },
  ]
  const notes: string[] = []
  for (const name of referenceNames) {
    const program = await findProgram(name)
    if (program === undefined) notes.push(`${name} is not installed, so it is left out.`)
    else ways.push({ name, ...opening.use(await startReferenceProxy(name, program, port)) })
  }
  const opened = opening.move()
  return { hostname, ways, notes, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

const referenceNames = ['caddy', 'nginx'] as const
type ReferenceName = (typeof referenceNames)[number]

interface ReferenceProxy extends AsyncDisposable {
  readonly port: number
  readonly pids: readonly number[]
}

const startMilliseconds = 10_000

const commands = {
  caddy: { configure: caddyfile, arguments: (file: string) => ['run', '--adapter', 'caddyfile', '--config', file] },
  nginx: { configure: nginxProxy, arguments: (file: string) => ['-c', file] },
}

/** Starts one by its manual, with persistent connections to the upstream. @throws {Error} with its output. */
const startReferenceProxy = async (
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
