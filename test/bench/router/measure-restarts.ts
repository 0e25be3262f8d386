import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findEngine } from '../../../adapters/containers/engine.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { demoApi } from '../../acceptance/api.ts'
import { poll } from '../../acceptance/poll.ts'
import { spawnHost } from '../../acceptance/start-host.ts'
import { awaitPool, temporaryHome } from '../../support/temporary-home/temporary-home.ts'
import { signUpPeople } from '../host/bench-host.ts'
import { childrenOf } from '../host/processor-time.ts'
import type { Section } from '../measurement.ts'
import { findProgram } from './find-program.ts'

const title = 'Requests while the routers are replaced and the host restarts'
const startMilliseconds = 120_000
const settleMilliseconds = 2000
const connections = 8

/** Runs the routers of a home as a service of their own, so that a host that stops leaves containers running. */
const startRouters = (home: string): AsyncDisposable & { readonly pid: number; readonly replace: () => void } => {
  const child = spawn(process.execPath, ['bin/routers.ts'], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    env: { ...process.env, SITEWRIGHT_HOME: home, SITEWRIGHT_ROUTERS: '2', SITEWRIGHT_LOG: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  return {
    pid: child.pid ?? 0,
    replace: () => void child.kill('SIGHUP'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

interface Outcome {
  readonly requests: number
  /** Other statuses than 2xx and 3xx, broken connections, and answers after the longest hold. */
  readonly failed: number
}

const readOutcome = (output: string): Outcome => {
  const requests = Number(/(\d+) requests in/.exec(output)?.[1])
  const statuses = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const errors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? []
  return { requests, failed: errors.map(Number).reduce((sum, count) => sum + count, statuses) }
}

/** Sends requests until it is told to end. */
const startLoad = (wrk: string, target: { readonly port: number; readonly host: string; readonly path: string }) => {
  const limits = ['--threads', '1', '--connections', String(connections), '--duration', '1h', '--timeout', '60s']
  const url = `http://127.0.0.1:${target.port}${target.path}`
  const child = spawn(wrk, [...limits, '--header', `Host: ${target.host}`, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = text(child.stdout)
  return {
    end: async (): Promise<Outcome> => {
      child.kill('SIGINT')
      return readOutcome(await output)
    },
  }
}

/** Counts the requests to a site and to the API that fail while each process of Sitewright is replaced in turn. */
export const measureRestarts = async (): Promise<Section> => {
  const wrk = await findProgram('wrk')
  if (wrk === undefined || (await findEngine()) === undefined) {
    const missing = wrk === undefined ? 'wrk is not installed' : 'no container engine answers'
    return { title, measurements: [], notes: [`${missing}, so this is left out.`] }
  }
  await using home = await temporaryHome('bench-restarts', 'containers')
  await using routers = startRouters(home.directory)
  const port = await findFreePort()
  const start = () =>
    spawnHost({
      home: home.directory,
      port,
      program: 'test/bench/host/roomy-host.ts',
      stopMilliseconds: startMilliseconds,
      environment: {
        SITEWRIGHT_RUNTIME: 'containers',
        SITEWRIGHT_ROUTERS: 'service',
        SITEWRIGHT_POOL_SIZE: '1',
        SITEWRIGHT_LOG: 'warn',
      },
    })
  let host = await start()
  try {
    await awaitPool(host.url, startMilliseconds)
    const [person] = await signUpPeople(host.url, 'bench-restarts', 1)
    if (person === undefined) throw new Error('nobody signed up')
    const api = demoApi(host.url, person.token)
    const { site } = await api.createSite(person.slug, person.slug)
    await poll(
      () => api.getSite(site.id),
      ({ status }) => status === 'active',
      { patience: startMilliseconds, pause: 100 },
    )

    const loads = [
      { path: '/', host: `${person.slug}.localhost` },
      { path: '/v1/health', host: 'localhost' },
    ].map((target) => startLoad(wrk, { port, ...target }))

    const before = await childrenOf(routers.pid)
    routers.replace()
    await poll(
      () => childrenOf(routers.pid),
      (pids) => pids.every((pid) => !before.includes(pid)),
      { patience: startMilliseconds, pause: 100 },
    )
    await pause(settleMilliseconds)
    const stoppedAt = performance.now()
    await host.stop()
    host = await start()
    const restart = performance.now() - stoppedAt
    await pause(settleMilliseconds)
    const [ofSite, ofApi] = await Promise.all(loads.map(({ end }) => end()))
    return {
      title,
      measurements: [
        { name: 'requests to the site', value: ofSite?.requests ?? Number.NaN, unit: 'requests' },
        { name: 'requests to the API', value: ofApi?.requests ?? Number.NaN, unit: 'requests' },
        {
          name: 'failed requests',
          value: (ofSite?.failed ?? Number.NaN) + (ofApi?.failed ?? Number.NaN),
          unit: 'requests',
          bar: { atMost: 0 },
        },
        { name: 'restart of the host', value: restart, unit: 'ms' },
      ],
      notes: [
        `${connections} connections each; two router processes, replaced one after the other; the site is a container.`,
      ],
    }
  } finally {
    await host.stop()
  }
}
