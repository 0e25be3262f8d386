import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { demoApi } from '../../acceptance/api.ts'
import { codeFromMailbox } from '../../acceptance/find-code.ts'
import { type SpawnedHost, spawnHost } from '../../acceptance/start-host.ts'
import { awaitPool, type RuntimeName, temporaryHome } from '../../support/temporary-home/temporary-home.ts'
import { childrenOf } from './processor-time.ts'

export interface BenchHost extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly home: string
  readonly pid: number
  /** The processes through which visitors reach its sites. */
  readonly routerPids: () => Promise<readonly number[]>
  /** The ports of 127.0.0.1 on which its sites listen, by id. */
  readonly sitePorts: () => Promise<ReadonlyMap<string, number>>
  /** Waits until the pool is full again. @throws {Error} after three minutes. */
  readonly refilled: () => Promise<void>
}

const fillMilliseconds = 180_000
const stopMilliseconds = 300_000

const holderSchema = z.looseObject({ pid: z.int() })
const portsSchema = z.looseObject({ ports: z.record(z.string(), z.int()) })

const readState = async <Output>(schema: z.ZodType<Output>, ...path: readonly string[]): Promise<Output> =>
  schema.parse(JSON.parse(await readFile(join(...path), 'utf8')))

const routersOf = async (pid: number): Promise<readonly number[]> => {
  const routers: number[] = []
  for (const child of await childrenOf(pid)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '')
    if (command.includes('/router-process.ts')) routers.push(child)
  }
  return routers
}

/** Starts a host whose plans have limits that no load reaches, and waits until its pool is full. */
export const openBenchHost = async (options: {
  readonly purpose: string
  readonly runtime: RuntimeName
  readonly pool: number
  /** Relative to the root of the repository; one without limits by default. */
  readonly program?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Gets its output as it comes: warnings, unless the environment sets another level. */
  readonly onOutput?: (text: string) => void
}): Promise<BenchHost> => {
  const { purpose, runtime, pool, program = 'test/bench/host/roomy-host.ts', environment, onOutput } = options
  await using opening = new AsyncDisposableStack()
  const home = opening.use(await temporaryHome(`bench-${purpose}`, runtime))
  const host: SpawnedHost = await spawnHost({
    home: home.directory,
    stopMilliseconds,
    program,
    environment: {
      SITEWRIGHT_RUNTIME: runtime,
      SITEWRIGHT_POOL_SIZE: String(pool),
      SITEWRIGHT_LOG: 'warn',
      ...environment,
    },
    ...(onOutput === undefined ? {} : { onOutput }),
  })
  opening.defer(host.stop)
  const refilled = async (): Promise<void> => {
    const { ready, target } = await awaitPool(host.url, fillMilliseconds)
    if (ready !== target)
      throw new Error(`The pool holds ${ready} of ${target} sites. The host printed:\n${host.output()}`)
  }
  await refilled()
  const { pid } = await readState(holderSchema, home.directory, 'host.json')
  const opened = opening.move()
  return {
    url: host.url,
    port: host.port,
    home: home.directory,
    pid,
    routerPids: () => routersOf(pid),
    sitePorts: async () =>
      new Map(Object.entries((await readState(portsSchema, home.directory, 'run', 'ports.json')).ports)),
    refilled,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

export interface Person {
  readonly email: string
  readonly slug: string
  readonly token: string
}

const atOnce = 4

const signUp = async (origin: string, slug: string): Promise<Person> => {
  const visitor = demoApi(origin)
  const email = `${slug}@example.com`
  const { id } = await visitor.signUp(email)
  const { token } = await visitor.verify(id, await codeFromMailbox(origin, email))
  return { email, slug, token }
}

/** @param name begins the people's addresses and slugs; must be unused. */
export const signUpPeople = async (origin: string, name: string, count: number): Promise<readonly Person[]> => {
  const people: Person[] = []
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => first + index + 1)
    people.push(...(await Promise.all(numbers.map((number) => signUp(origin, `${name}-${number}`)))))
  }
  return people
}
