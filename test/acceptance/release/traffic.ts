import { demoSite } from '../api.ts'
import { check } from '../expectations.ts'
import { openLoad } from '../open-load.ts'
import type { Kind } from './versions.ts'

export interface StorySite {
  readonly id: string
  readonly url: string
  readonly kind: Kind
  /** Entries that the site has acknowledged. */
  readonly acknowledged: string[]
}

const isPage = (failure: string): boolean => failure.includes('site-paused')

/** Visitors read and write these sites while `run` works. @returns the counts of their requests, by the mode of data. */
export const underTraffic = async (sites: readonly StorySite[], run: () => Promise<void>) => {
  const loads = sites.map((site) => {
    const { host, port } = new URL(site.url)
    const thinkMilliseconds = () => 1000 * Math.random()
    return { site, load: openLoad({ port: Number(port), host, connections: 1, thinkMilliseconds }) }
  })
  await run()
  const ended = await Promise.all(
    loads.map(async ({ site, load }) => {
      const counts = await load.stop()
      site.acknowledged.push(...counts.acknowledged)
      return { kind: site.kind, longest: load.takeLongest(), ...counts }
    }),
  )
  return (kind: Kind) => {
    const all = ended.filter((one) => one.kind === kind)
    const failures = all.flatMap((one) => one.failures)
    return {
      requests: all.reduce((sum, { requests }) => sum + requests, 0),
      pages: failures.filter(isPage).length,
      failures: failures.filter((failure) => !isPage(failure)),
      longest: Math.max(...all.map(({ longest }) => longest)),
    }
  }
}

/** Checks that each site has what it acknowledged. @returns how many entries that are. */
export const checkWrites = async (sites: readonly StorySite[]): Promise<number> => {
  const lost = await Promise.all(
    sites.map(async ({ url, acknowledged }) => {
      const kept = new Set((await demoSite(url).read()).map(({ text }) => text))
      return acknowledged.filter((text) => !kept.has(text))
    }),
  )
  check('lost writes', lost.flat(), [])
  return sites.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
}
