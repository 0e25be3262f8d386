import type { SiteId } from '../ids.ts'
import type { Log } from '../ports/log.ts'
import type { Swept } from './deadline-ports.ts'

/**
 * Does something with each site, one after the other; the trouble of one does not keep the others.
 * @param act returns whether it did anything.
 */
export const sweepSites = async <One extends { readonly id: SiteId }>(
  log: Log,
  sites: AsyncIterable<One> | Iterable<One>,
  { atMost }: { readonly atMost: number },
  act: (site: One) => Promise<boolean>,
): Promise<Swept> => {
  let acted = 0
  let seen = 0
  const left: string[] = []
  for await (const site of sites) {
    seen += 1
    try {
      if (await act(site)) acted += 1
    } catch (error) {
      log.warn({ event: 'deadline-failed', siteId: site.id, err: error }, 'what is due could not be done with a site')
      left.push(site.id)
    }
    // Before the next one is asked for: it may be on a page that nobody has read yet.
    if (seen === atMost) break
  }
  return { acted, left }
}
