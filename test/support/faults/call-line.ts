import type { FaultKind } from './fault-point.ts'

/** What all of one host process's calls go through. Once the process is gone, none gets through or comes back. */
export interface CallLine {
  /** The same ports, their calls named after the function that makes them. */
  readonly watch: <Ports extends object>(ports: Ports, caller: string) => Ports
  /** The process is gone from here on. */
  readonly kill: () => void
  readonly isGone: () => boolean
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>
  readonly inFlight: () => number
  /** Resolves when what was on its way while the process went has arrived: it is the outside world's from there on. */
  readonly settled: () => Promise<unknown>
  /** What a caller gets whose process is gone: nothing, until the end of the run. */
  readonly silence: () => Promise<never>
  /** Lets everybody who still waits for an answer go. */
  readonly end: () => void
}

/** The values that are no call to the outside: values, clocks, computation. Any other object among the ports is watched. */
const noCalls: ReadonlySet<string> = new Set([
  'clocks',
  'randomness',
  'log',
  'offers',
  'plans',
  'policies',
  'pool',
  'webhookSignatures',
  // It calls other ports, and a call that ends with its process would keep it for ever.
  'rowFiles',
  'registrableDomains',
])

/** The methods that are no call to the outside, but make calls: one of those that ends with its process would keep it for ever. */
const callers: ReadonlySet<string | symbol> = new Set(['patiently'])

/** These live in the process itself: their work ends with it. */
const inProcess: ReadonlySet<string> = new Set(['bus', 'workflows'])

const noReply = (call: string): Error =>
  Object.assign(new Error(`${call} timed out`), { name: 'TimeoutError', code: 'ETIMEDOUT' })

type Method = (...args: unknown[]) => unknown

const isGenerator = (method: Method): boolean => method.constructor.name === 'AsyncGeneratorFunction'

/** @param moveDisk takes the disk of a cell away, or brings it back. */
export const createCallLine = (
  take: (name: string) => FaultKind | undefined,
  moveDisk: (kind: 'disk-gone' | 'disk-back') => Promise<void> = async () => undefined,
): CallLine => {
  const goneSignal = Promise.withResolvers<void>()
  const ending = Promise.withResolvers<never>()
  ending.promise.catch(() => undefined)
  const underWay = new Set<Promise<unknown>>()
  const refusal = goneSignal.promise.then(() => {
    throw new Error('the process is gone')
  })
  refusal.catch(() => undefined)
  let alive = true

  const die = (): Promise<never> => {
    alive = false
    goneSignal.resolve()
    return ending.promise
  }

  const tracked = async (port: string, real: () => Promise<unknown>): Promise<unknown> => {
    if (inProcess.has(port)) return real()
    const work = real()
    underWay.add(work)
    try {
      return await work
    } finally {
      underWay.delete(work)
    }
  }

  /** What comes back while the process lives; to a dead one nothing does, be it good or bad. */
  const unlessGone = async (work: Promise<unknown>): Promise<unknown> => {
    try {
      return await work
    } finally {
      if (!alive) await ending.promise
    }
  }

  const pass = async (
    name: string,
    port: string,
    real: () => Promise<unknown>,
    partly: (done: unknown) => unknown = () => {
      throw noReply(name)
    },
  ): Promise<unknown> => {
    if (!alive) return ending.promise
    const kind = take(name)
    if (kind === 'fails-before') throw new Error(`${name} failed`)
    if (kind === 'gone-before') return die()
    if (kind === 'disk-gone' || kind === 'disk-back') await moveDisk(kind)
    const done = await unlessGone(tracked(port, real))
    if (kind === 'gone-after') return die()
    if (kind === 'fails-after') throw new Error(`${name} was done and failed`)
    return kind === 'reply-lost' ? partly(done) : done
  }

  /** A list whose reply is lost breaks off after its first item. */
  async function* passList(name: string, port: string, list: () => AsyncIterable<unknown>): AsyncGenerator<unknown> {
    let brokenOff = false
    const items = await pass(
      name,
      port,
      async () => {
        const found: unknown[] = []
        for await (const item of list()) found.push(item)
        return found
      },
      (done) => {
        brokenOff = true
        return (done as unknown[]).slice(0, 1)
      },
    )
    yield* items as unknown[]
    if (brokenOff) throw noReply(name)
  }

  /** A callback makes calls of its own. Once the process is gone, it does not keep the call that it was given to. */
  const unlessRefused = (given: unknown): unknown => {
    if (typeof given !== 'function') return given
    return (...args: unknown[]) => {
      const answer: unknown = given(...args)
      return answer instanceof Promise ? Promise.race([answer, refusal]) : answer
    }
  }

  const watchPort = <Port extends object>(port: Port, name: string, caller: string): Port =>
    new Proxy(port, {
      get: (target, property, receiver) => {
        const value: unknown = Reflect.get(target, property, receiver)
        if (typeof value !== 'function' || callers.has(property)) return value
        const method = value as Method
        const call = `${caller} ${name}.${String(property)}`
        return isGenerator(method)
          ? (...args: unknown[]) => passList(call, name, () => method(...args) as AsyncIterable<unknown>)
          : (...args: unknown[]) => pass(call, name, async () => method(...args.map(unlessRefused)))
      },
    })

  const isPort = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && Object.values(value).some((member) => typeof member === 'function')

  return {
    watch: (ports, caller) =>
      Object.fromEntries(
        Object.entries(ports).map(([name, value]) => [
          name,
          isPort(value) && !noCalls.has(name) ? watchPort(value, name, caller) : value,
        ]),
      ) as typeof ports,
    kill: () => void die(),
    isGone: () => !alive,
    gone: goneSignal.promise,
    inFlight: () => underWay.size,
    settled: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
    silence: () => ending.promise,
    end: () => {
      alive = false
      ending.reject(new Error('the process is gone'))
    },
  }
}
