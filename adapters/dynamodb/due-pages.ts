import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { Site } from '../../core/site/site.ts'
import { siteSchema } from '../../core/site/site.ts'
import { dueItems } from './due-index.ts'
import { readContent } from './item.ts'
import { badCursor } from './query.ts'
import type { Tables } from './tables.ts'
import { indexes } from './tables.ts'

/** A place in the order of deadlines; sites that are due at one instant come in the order of their ids. */
interface Place {
  readonly at: Instant
  readonly id: SiteId
}

type Due = Place & { readonly site: Site }

const encode = ({ at, id }: Place): string => Buffer.from(`${at} ${id}`).toString('base64url')

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

const decode = (cursor: string): Place => {
  const [at = '', id = '', ...others] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ')
  if (!instant.test(at) || Number.isNaN(Date.parse(at)) || !isId('site', id) || others.length > 0) throw badCursor()
  return { at, id }
}

const compare = (one: Place, other: Place): number => {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1
  return one.id < other.id ? -1 : Number(one.id > other.id)
}

/** More than a page of one kind, and then all that are due with the last of them: of these, any may come first. */
const dueOfKind = async (
  { client, tables }: { readonly client: DynamoDBDocumentClient; readonly tables: Tables },
  query: Parameters<typeof dueItems>[2],
  last: Place | undefined,
  limit: number,
): Promise<readonly Due[]> => {
  const found: Due[] = []
  for await (const item of dueItems(client, tables, query)) {
    const at = String(item[indexes.due.sort])
    if (found.length > limit && found.at(-1)?.at !== at) break
    const site = readContent(siteSchema, item)
    if (site === undefined) continue
    const due = { at, id: site.id, site }
    if (last === undefined || compare(last, due) < 0) found.push(due)
  }
  return found
}

/** Sites with which time does something before then, earliest first; see `SiteLists.pageByDue`. */
export const pageByDue = async (
  listing: { readonly client: DynamoDBDocumentClient; readonly tables: Tables },
  before: Instant,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): Promise<Page<Site>> => {
  const last = cursor === undefined ? undefined : decode(cursor)
  const until = plusMilliseconds(before, -1)
  const range = last === undefined ? { until } : { after: plusMilliseconds(last.at, -1), until }
  if (last !== undefined && last.at > until) return { items: [] }
  const kinds = ['notice', 'destructive', 'deletion'] as const
  const found = (await Promise.all(kinds.map((kind) => dueOfKind(listing, { kind, ...range }, last, limit)))).flat()
  const inOrder = found.toSorted(compare)
  const page = inOrder.slice(0, limit)
  const end = page.at(-1)
  const items = page.map(({ site }) => site)
  return end === undefined || inOrder.length <= limit ? { items } : { items, cursor: encode(end) }
}
