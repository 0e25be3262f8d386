import { demoApi } from '../../bin/demo/api.ts'
import type { BenchHost } from '../host/bench-host.ts'
import { openBenchHost, signUpPeople } from '../host/bench-host.ts'
import { findProgram } from './find-program.ts'
import { referenceNames, startReferenceProxy } from './reference-proxy.ts'

/** One way to the same site. */
export interface Way {
  readonly name: string
  readonly port: number
  /** The processes that the proxy is; none where there is no proxy. */
  readonly pids: readonly number[]
}

export interface Proxies extends AsyncDisposable {
  /** The site's hostname. The router finds the site by it; to the others it means nothing. */
  readonly hostname: string
  readonly ways: readonly Way[]
  readonly notes: readonly string[]
}

const claimSite = async (host: BenchHost) => {
  const [person] = await signUpPeople(host.url, 'bench-router', 1)
  if (person === undefined) throw new Error('nobody signed up')
  const { site } = await demoApi(host.url, person.token).createSite(person.slug, person.slug)
  const port = (await host.sitePorts()).get(site.id)
  if (port === undefined) throw new Error(`${site.id} has no port`)
  await host.refilled()
  return { hostname: `${person.slug}.localhost`, port }
}

/** A host with one site, and in front of the same site whatever other proxies are installed. */
export const openProxies = async (environment: Readonly<Record<string, string>> = {}): Promise<Proxies> => {
  await using opening = new AsyncDisposableStack()
  const host = opening.use(await openBenchHost({ purpose: 'router', runtime: 'processes', pool: 1, environment }))
  const { hostname, port } = await claimSite(host)
  const ways: Way[] = [
    { name: 'direct', port, pids: [] },
    { name: 'router', port: host.port, pids: [host.pid] },
  ]
  const notes: string[] = []
  for (const name of referenceNames) {
    const program = await findProgram(name)
    if (program === undefined) notes.push(`${name} is not installed, and left out.`)
    else ways.push({ name, ...opening.use(await startReferenceProxy(name, program, port)) })
  }
  const opened = opening.move()
  return { hostname, ways, notes, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
