import { system } from '../../../core/events/event-names.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { Clocks, Log, Randomness } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { changeSite } from '../../../core/site/change-site.ts'
import type { Site } from '../../../core/site/site.ts'
import type { OpenSite } from '../../../core/site/site-facts.ts'
import { type DownSite, noteDown } from './run-changes.ts'
import type { Parts } from './sweep-parts.ts'

export interface NoteDownPorts {
  readonly sites: SiteStore
  readonly clocks: Clocks
  readonly randomness: Randomness
  readonly log: Log
}

const toleratedMilliseconds = 5 * 60_000

/** More sites than this count and share are down by our fault: operators have alarms, and their owners get no mail. */
const manyCount = 5
const manyShare = 0.1

/** Whether a site has been without an address for five minutes, no workflow works on it, and its owner does not know it. */
const isDueToNote = (site: Site | undefined, now: Instant): site is DownSite =>
  site?.status === 'active' &&
  site.endpoint === undefined &&
  site.operation === undefined &&
  site.down !== undefined &&
  site.down.isTold === undefined &&
  plusMilliseconds(site.down.since, toleratedMilliseconds) <= now

/** Records which owners' sites do not answer, so that each owner gets one mail. */
export const noteDownSites = async (
  { sites, clocks, randomness, log }: NoteDownPorts,
  open: readonly OpenSite[],
  { each }: Pick<Parts, 'each'>,
  causationId: string,
): Promise<void> => {
  const due = open.filter((site) => isDueToNote(site, clocks.wall()))
  const owned = open.filter(({ status }) => status === 'active').length
  if (due.length > Math.max(manyCount, owned * manyShare)) {
    log.error(
      { event: 'many-sites-down', down: due.length, owned },
      'so many sites do not answer that their owners get no mail',
    )
    return
  }
  const context = { actor: system, causationId, clocks, randomness }
  await each(
    due,
    ({ id }) => id,
    async ({ id }) => {
      await changeSite(sites, id, (site) => (isDueToNote(site, clocks.wall()) ? noteDown(site, context) : undefined))
    },
  )
}
