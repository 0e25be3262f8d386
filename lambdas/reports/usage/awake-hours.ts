import type { SiteEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Instant } from '../../../core/instant.ts'
import type { SiteLists } from '../../../core/ports/site-lists.ts'

type Events = Pick<SiteLists, 'pageOfEvents'>

const eventsAtOnce = 100
/** A site that falls asleep more often is not counted: the read would cost too much. */
const mostPages = 10

/** The events of a site back to the one before an instant, newest first; undefined if there are too many. */
const eventsSince = async ({ pageOfEvents }: Events, id: SiteId, from: Instant): Promise<SiteEvent[] | undefined> => {
  const events: SiteEvent[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await pageOfEvents(id, { limit: eventsAtOnce, ...(cursor === undefined ? {} : { cursor }) })
    events.push(...page.items)
    const last = events.at(-1)
    cursor = page.cursor
    if (cursor === undefined || last === undefined || last.at <= from) return events
  }
  return undefined
}

const hour = 3_600_000

/**
 * Counts the hours that a site ran in a range of time, by its events.
 * @returns undefined if there are too many events.
 */
export const awakeHours = async (
  siteLists: Events,
  siteId: SiteId,
  { from, until }: { readonly from: Instant; readonly until: Instant },
): Promise<number | undefined> => {
  const events = await eventsSince(siteLists, siteId, from)
  let milliseconds = 0
  let end = until
  for (const { at, data } of events ?? []) {
    const start = at > from ? at : from
    if (data.status === 'active' && start < end) milliseconds += Date.parse(end) - Date.parse(start)
    if (at < end) end = at
    if (at <= from) break
  }
  return events && milliseconds / hour
}
