import { setTimeout as sleep } from 'node:timers/promises'
import { becomeOwner, brokenPromises, type Failures, type Owner, patiently, untilSettled, writeEntry } from './owner.ts'
import type { Random } from './random.ts'

/** People who sign up one after the other, write into their sites, and check their entries. */
export const startTraffic = (options: {
  readonly origin: string
  readonly random: Random
  readonly sites: number
  readonly signUpEveryMilliseconds: number
  readonly wrong: (line: string) => void
}) => {
  const { origin, random, sites, signUpEveryMilliseconds, wrong } = options
  const owners: Owner[] = []
  const failures: Failures = new Map()
  const stopping = new AbortController()
  const { signal } = stopping
  const settling: Promise<void>[] = []
  let checks = 0

  const guarded = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => wrong(error instanceof Error ? error.message : String(error)))

  const pause = (milliseconds: number): Promise<unknown> =>
    sleep(milliseconds, undefined, { signal }).catch(() => undefined)

  const arrive = async (slug: string): Promise<void> => {
    const owner = await becomeOwner(origin, slug, failures)
    owners.push(owner)
    await untilSettled(origin, owner, failures)
  }

  const signUps = async (): Promise<void> => {
    for (let number = 1; number <= sites && !signal.aborted; number += 1) {
      settling.push(guarded(arrive(`torture-${number}`)))
      await pause(signUpEveryMilliseconds)
    }
  }

  const anybody = (): Owner | undefined => {
    const open = owners.filter(({ state }) => state === 'open')
    return open[random.below(open.length)]
  }

  const writer = async (name: string): Promise<void> => {
    for (let number = 1; !signal.aborted; number += 1) {
      const owner = anybody()
      if (owner !== undefined) await guarded(writeEntry(owner, `${name}, entry ${number}`, failures))
      await pause(50 + random.below(100))
    }
  }

  const check = async (owner: Owner): Promise<void> => {
    for (const line of await patiently(failures, () => brokenPromises(origin, owner))) wrong(line)
    checks += 1
  }

  const reader = async (): Promise<void> => {
    while (!signal.aborted) {
      const owner = anybody()
      if (owner !== undefined) await guarded(check(owner))
      await pause(100 + random.below(200))
    }
  }

  const running = [signUps(), writer('writer 1'), writer('writer 2'), reader()]

  return {
    owners,
    failures,
    checks: () => checks,
    /** Stops further sign-ups, and returns once every site is open or has failed. */
    stop: async () => {
      stopping.abort()
      await Promise.all(running)
      await Promise.all(settling)
      for (const owner of owners) if (owner.state === 'open') await guarded(check(owner))
    },
  }
}
