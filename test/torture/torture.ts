import { poll } from '../acceptance/poll.ts'
import { useHost } from '../acceptance/start-host.ts'
import { type RuntimeName, temporaryHome } from '../support/temporary-home/temporary-home.ts'
import { leftBehind } from '../support/temporary-home/what-runs.ts'
import { inspectSites } from './inspect-sites.ts'
import { createKiller, type Kill, startMortalHost } from './killer.ts'
import { seededRandom } from './random.ts'
import { startTraffic } from './traffic.ts'

export interface TortureOptions {
  readonly milliseconds: number
  readonly signal: AbortSignal
  readonly runtime: RuntimeName
  readonly seed: number
  readonly sites: number
  readonly pool: number
  readonly report: (kill: Kill) => void
  readonly onOutput: (text: string) => void
}

export interface TortureResult {
  readonly kills: readonly Kill[]
  readonly sites: { readonly open: number; readonly failed: number }
  readonly acknowledgedEntries: number
  readonly checks: number
  readonly repeated: Readonly<Record<string, number>>
  readonly settleMilliseconds: number
  readonly wrong: readonly string[]
}

/** Sweeps run once a minute, and leave a build that has just ended to the next one. */
const settlePatienceMilliseconds = 300_000

/** Runs a host under load, repeatedly kills it and its parts, and checks that every promise was kept. */
export const torture = async (options: TortureOptions): Promise<TortureResult> => {
  const { milliseconds, runtime, seed, sites, pool, report, onOutput, signal } = options
  await using home = await temporaryHome('torture', runtime)
  const host = await startMortalHost({ home: home.directory, runtime, pool, onOutput, signal })
  const wrong = new Set<string>()
  const note = (line: string): void => {
    wrong.add(line)
  }
  const kills: Kill[] = []
  return await useHost(host, signal, async () => {
    // Separate sequences, so that the victims and their times do not depend on how fast requests are answered.
    const traffic = startTraffic({
      origin: host.url,
      random: seededRandom(seed + 1),
      sites,
      signUpEveryMilliseconds: (0.8 * milliseconds) / sites,
      wrong: note,
    })
    const killer = createKiller({
      host,
      owners: traffic.owners,
      whatRuns: home.whatRuns,
      random: seededRandom(seed),
      report: (kill) => {
        kills.push(kill)
        report(kill)
      },
      wrong: note,
    })
    await killer.run({ milliseconds, longestPause: Math.min(6000, milliseconds / 6) })
    await traffic.stop()

    const settledFrom = performance.now()
    const inside = () => inspectSites(home.directory, { owners: traffic.owners, pool, whatRuns: home.whatRuns })
    const unsettled = await poll(inside, (found) => found.length === 0, {
      patience: settlePatienceMilliseconds,
      pause: 500,
    })
    const settleMilliseconds = Math.round(performance.now() - settledFrom)
    await host.stop()
    const { owners } = traffic
    return {
      kills,
      sites: {
        open: owners.filter(({ state }) => state === 'open').length,
        failed: owners.filter(({ state }) => state === 'failed').length,
      },
      acknowledgedEntries: owners.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
      checks: traffic.checks(),
      repeated: Object.fromEntries(traffic.failures),
      settleMilliseconds,
      wrong: [...wrong, ...unsettled, ...leftBehind(await home.whatRuns())],
    }
  })
}
