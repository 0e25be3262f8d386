import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { demoApi } from '../acceptance/api.ts'
import { codeFromMailbox } from '../acceptance/find-code.ts'
import { signUp } from '../acceptance/walk.ts'
import { type Figures, figuresOf } from '../crowd/report.ts'
import { type Answer, type Call, httpCall } from '../support/http-call.ts'

export type MakeCall = (call: Call) => Promise<Answer>

/** What attackers and honest clients use: a host on this machine with one running site. */
export interface Scene {
  readonly origin: string
  readonly port: number
  readonly siteUrl: string
  readonly home: string
  /** For how long others may wait during an attack, at the median, however short they waited before. */
  readonly patienceMilliseconds: number
  /** The owner of the site, signed in. */
  readonly owner: SignedIn
  /** The TCP ports on which the host and its sites listen. */
  readonly ports: () => Promise<readonly number[]>
}

interface RunningAttack {
  /** What it has done so far, for the report. */
  readonly summary: () => string
  /** How many times as long as before the slowest twentieth of honest requests takes at least, for the report. */
  readonly slowdown?: () => number
  /** What it should not have gained, for people. */
  readonly gains?: () => readonly string[] | Promise<readonly string[]>
  readonly end: () => Promise<void>
}

/** To add an attack, add one of these to the list in `attacks.ts`. */
export interface Attack {
  readonly name: string
  /** For how long honest clients visit, about: an attack may need time. */
  readonly milliseconds?: number
  /** Begins, and returns once the attack has its full effect. */
  readonly begin: (scene: Scene) => Promise<RunningAttack>
  /** Does what an honest client wants to do. @throws {Error} if the client is not served. */
  readonly visit: (scene: Scene, visitor: Visitor) => Promise<void>
}

export interface Visitor {
  /** Counted from 0. */
  readonly number: number
  readonly call: MakeCall
}

export interface AttackResult {
  readonly name: string
  readonly requests: number
  readonly served: number
  readonly figures: Figures
  readonly summary: string
  readonly slowdown?: number | undefined
  readonly gains: readonly string[]
  /** The first reasons why honest clients were not served. */
  readonly failures: readonly string[]
}

interface SignedIn {
  readonly email: string
  readonly token: string
  /** As a browser sends it back. */
  readonly cookie: string
}

const verificationSchema = z.looseObject({ session: z.looseObject({ token: z.string() }) })

export const signedIn = async (origin: string, email: string): Promise<SignedIn> => {
  const { id } = await signUp(demoApi(origin), email)
  const code = await codeFromMailbox(origin, email)
  const url = `${origin}/v1/signups/${id}/verification`
  const { cookie, json } = await httpCall({ method: 'POST', url, body: { code } })
  if (cookie === undefined) throw new Error('A verification sets a cookie.')
  return { email, token: verificationSchema.parse(json).session.token, cookie }
}

/** Sends calls as a trusted proxy does for a client, each on a new connection. */
export const callAs =
  (address: string, call: MakeCall = httpCall): MakeCall =>
  (request) =>
    call({ ...request, headers: { ...request.headers, 'x-forwarded-for': address, connection: 'close' } })

const visitorsAtOnce = 2

/** Runs honest clients during an attack until they have made so many requests. */
export const runAttack = async (attack: Attack, scene: Scene, requests: number): Promise<AttackResult> => {
  const milliseconds: number[] = []
  const failures: string[] = []
  let visitors = 0
  let lost = 0

  const visitOnce = async (): Promise<void> => {
    const before: number[] = []
    const call: MakeCall = async (request) => {
      const startedAt = performance.now()
      const answer = await httpCall(request).finally(() => before.push(performance.now() - startedAt))
      return answer
    }
    const number = visitors
    visitors += 1
    await attack
      .visit(scene, { number, call: callAs(`192.0.2.${1 + (number % 250)}`, call) })
      .catch((error: unknown) => {
        lost += before.length
        failures.push(error instanceof Error ? error.message : String(error))
      })
    milliseconds.push(...before)
  }
  const worker = async (): Promise<void> => {
    while (milliseconds.length < requests) {
      await visitOnce()
      await pause(((attack.milliseconds ?? 0) * visitorsAtOnce) / requests)
    }
  }

  const running = await attack.begin(scene)
  try {
    await Promise.all(Array.from({ length: visitorsAtOnce }, worker))
    const { length } = milliseconds
    return {
      name: attack.name,
      requests: length,
      served: length - lost,
      figures: figuresOf(milliseconds),
      gains: (await running.gains?.()) ?? [],
      summary: running.summary(),
      slowdown: running.slowdown?.(),
      failures: failures.slice(0, 3),
    }
  } finally {
    await running.end()
  }
}

/** Repeats work until it is ended, whatever comes of it. */
export const keepDoing = (
  work: () => Promise<unknown>,
  { everyMilliseconds }: { readonly everyMilliseconds: number },
) => {
  const ended = new AbortController()
  const loop = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await work().catch(() => undefined)
      await pause(everyMilliseconds, undefined, { signal: ended.signal }).catch(() => undefined)
    }
  }
  const looping = loop()
  return {
    end: async (): Promise<void> => {
      ended.abort()
      await looping
    },
  }
}

/** Does work so many times, some of it at once. */
export const doMany = async (
  count: number,
  atOnce: number,
  work: (number: number) => Promise<unknown>,
): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      const number = next
      next += 1
      await work(number)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker))
}

/** Counts answers by status. */
export const statusCounter = () => {
  const counts = new Map<number, number>()
  return {
    of: (status: number): number => counts.get(status) ?? 0,
    count: ({ status }: Answer): void => {
      counts.set(status, (counts.get(status) ?? 0) + 1)
    },
    text: (): string => [...counts].map(([status, count]) => `${count} × ${status}`).join(', '),
  }
}
