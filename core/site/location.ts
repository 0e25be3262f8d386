import * as z from 'zod'
import type { SiteId } from '../ids.ts'
import { isId } from '../ids.ts'

/** Where a site's traffic container listens, as the router reaches it. */
export const endpointSchema = z.strictObject({ host: z.string(), port: z.int().min(1).max(65_535) })
export type Endpoint = z.infer<typeof endpointSchema>

export const isSameEndpoint = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.host === other?.host && one.port === other.port

/** One of the data directories that a site has had. */
export interface DataHome {
  readonly siteId: SiteId
  /** Counts them. None is used again, so that removing an old one late cannot hit the present one. */
  readonly generation: number
}

/** The data directory that a site has now, or had last. */
export const homeOf = ({ id, generation }: { readonly id: SiteId; readonly generation: number }): DataHome => ({
  siteId: id,
  generation,
})

/** What a data directory is called: the first one has its site's id for a name, later ones count on. */
export const homeName = ({ siteId, generation }: DataHome): string =>
  generation === 1 ? siteId : `${siteId}.${generation}`

/** Undefined for a name that is no data directory's. */
export const homeNamed = (name: string): DataHome | undefined => {
  const [siteId = '', count, ...others] = name.split('.')
  if (!isId('site', siteId) || others.length > 0) return undefined
  if (count === undefined) return { siteId, generation: 1 }
  return /^[1-9]\d{0,8}$/.test(count) && count !== '1' ? { siteId, generation: Number(count) } : undefined
}
