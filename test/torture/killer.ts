import { setTimeout as sleep } from 'node:timers/promises'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { demoApi, demoSite } from '../acceptance/api.ts'
import { poll } from '../acceptance/poll.ts'
import { type SpawnedHost, spawnHost } from '../acceptance/start-host.ts'
import type { RuntimeName } from '../support/temporary-home/temporary-home.ts'
import type { RunningPart, WhatRuns } from '../support/temporary-home/what-runs.ts'
import type { Owner } from './owner.ts'
import type { Random } from './random.ts'

export type Victim = 'host' | 'engine' | 'site'

export interface Kill {
  readonly victim: Victim
  readonly atMilliseconds: number
  readonly note: string
  /** Until the killed part answered again; absent for a site of the pool, which cannot be asked. */
  readonly outageMilliseconds?: number
}

export interface KillerOptions {
  readonly host: MortalHost
  readonly owners: readonly Owner[]
  readonly whatRuns: () => Promise<WhatRuns>
  readonly random: Random
  readonly report: (kill: Kill) => void
  readonly wrong: (line: string) => void
}

const patienceMilliseconds = 120_000

const until = (answers: () => Promise<unknown>): Promise<boolean> => {
  const check = () =>
    answers().then(
      () => true,
      () => false,
    )
  return poll(check, (isBack) => isBack, { patience: patienceMilliseconds, pause: 20 })
}

/** One round of victims: a run that completes a round has killed each kind, whatever the order. */
const bag: readonly Victim[] = ['site', 'host', 'engine', 'site']

/** Kills parts of a host, at moments that the seed decides. */
export const createKiller = ({ host, owners, whatRuns, random, report, wrong }: KillerOptions) => {
  const startedAt = performance.now()
  const recoveries = new Set<Promise<void>>()

  const watch = (victim: Victim, note: string, answers: (() => Promise<unknown>) | undefined): void => {
    const killedAt = performance.now()
    const atMilliseconds = Math.round(killedAt - startedAt)
    const recovery = (async () => {
      if (answers === undefined) return report({ victim, atMilliseconds, note })
      const isBack = await until(answers)
      const outageMilliseconds = Math.round(performance.now() - killedAt)
      if (isBack) report({ victim, atMilliseconds, note, outageMilliseconds })
      else wrong(`${note}: it does not answer again within ${patienceMilliseconds / 1000} s`)
    })().finally(() => recoveries.delete(recovery))
    recoveries.add(recovery)
  }

  const killHost = async (): Promise<void> => {
    // Every third time its start is killed too.
    const inStart = random.below(3) === 0 ? 100 + random.below(1500) : undefined
    const killedAt = performance.now()
    await host.killAndStart(inStart)
    report({
      victim: 'host',
      atMilliseconds: Math.round(killedAt - startedAt),
      note: inStart === undefined ? 'the host' : `the host, and its start after ${inStart} ms`,
      outageMilliseconds: Math.round(performance.now() - killedAt),
    })
  }

  const killEngine = async (): Promise<void> => {
    const [engine] = (await whatRuns()).engines
    if (engine === undefined) return
    process.kill(engine.pid, 'SIGKILL')
    watch('engine', `the database engine, process ${engine.pid}`, demoApi(host.url).health)
  }

  const killSite = async (): Promise<void> => {
    const running = (await whatRuns()).sites.filter(({ isRunning }) => isRunning)
    const part: RunningPart | undefined = running[random.below(running.length)]
    if (part === undefined) return
    const owner = owners.find(({ site, state }) => site.id === part.siteId && state === 'open')
    await part.kill()
    const whose = owner === undefined ? 'one of the pool or being built' : owner.site.slug
    watch('site', `a site's ${part.kind}, ${whose}`, owner && (() => demoSite(owner.site.url).read()))
  }

  const kill: Readonly<Record<Victim, () => Promise<void>>> = { host: killHost, engine: killEngine, site: killSite }

  return {
    /** Continues until the time has passed and one of each kind has been killed; returns once all have recovered. */
    run: async ({ milliseconds, longestPause }: { readonly milliseconds: number; readonly longestPause: number }) => {
      let bags = 0
      while (bags === 0 || performance.now() - startedAt < milliseconds) {
        for (const victim of random.shuffle(bag)) {
          await sleep(200 + random.below(longestPause))
          // The victim may have ended by itself a moment before.
          await kill[victim]().catch((error: unknown) => wrong(`killing the ${victim}: ${error}`))
          if (bags > 0 && performance.now() - startedAt >= milliseconds) break
        }
        bags += 1
      }
      await Promise.all(recoveries)
    },
  }
}

export const startMortalHost = async (options: {
  readonly home: string
  readonly runtime: RuntimeName
  readonly pool: number
  readonly onOutput: (text: string) => void
  readonly signal: AbortSignal
}) => {
  const { home, runtime, pool, onOutput } = options
  const port = await findFreePort()
  const start = (signal: AbortSignal = options.signal): Promise<SpawnedHost> =>
    spawnHost({
      home,
      port,
      onOutput,
      stopMilliseconds: 300_000,
      environment: { SITEWRIGHT_RUNTIME: runtime, SITEWRIGHT_POOL_SIZE: String(pool) },
      signal,
    })
  let host = await start()

  const startAndKill = async (milliseconds: number): Promise<boolean> => {
    const killing = new AbortController()
    const over = new AbortController()
    const kill = sleep(milliseconds, undefined, { signal: over.signal }).then(
      () => killing.abort('kill'),
      () => undefined,
    )
    try {
      host = await start(AbortSignal.any([killing.signal, options.signal]))
      return true
    } catch (error) {
      if (error === 'kill') return false
      throw error
    } finally {
      over.abort()
      await kill
    }
  }

  return {
    url: host.url,
    /** Kills it, and starts it again. With `inStart`, that start is killed too after so many milliseconds, and repeated. */
    killAndStart: async (inStart?: number): Promise<void> => {
      await host.kill()
      if (inStart !== undefined && (await startAndKill(inStart))) return
      host = await start()
    },
    stop: (patience?: number) => host.stop(patience),
  }
}

type MortalHost = Awaited<ReturnType<typeof startMortalHost>>
