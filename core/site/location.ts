import * as z from 'zod'
import { isId, type SiteId } from '../ids.ts'

export const endpointSchema = z.strictObject({ host: z.string(), port: z.int().min(1).max(65_535) })
export type Endpoint = z.infer<typeof endpointSchema>

export const isSameEndpoint = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.host === other?.host && one.port === other.port

/** The cell of one machine that is in its home directory. Others are on disks of their own. */
export const homeCell = 'local'

/** Where something of a site is. During a relocation a site is in two cells, so its record does not tell. */
export interface SitePlace {
  readonly siteId: SiteId
  readonly cell: string
}

export const placeOf = ({ id, cell }: { id: SiteId; cell: string }): SitePlace => ({ siteId: id, cell })

export interface DataHome extends SitePlace {
  /** Never reused, so that a late removal cannot hit a newer directory. */
  readonly generation: number
}

/** A data directory that was never used. */
export const nextGeneration = (site: { generation: number; generationsUsed?: number | undefined }): number =>
  Math.max(site.generation, site.generationsUsed ?? 0) + 1

/** The site's present or last data directory. */
export const homeOf = (site: { id: SiteId; cell: string; generation: number }): DataHome => ({
  ...placeOf(site),
  generation: site.generation,
})

/** The first directory has the site's id as its name; later ones have a suffix. */
export const homeName = ({ siteId, generation }: DataHome): string =>
  generation === 1 ? siteId : `${siteId}.${generation}`

export const homeNamed = (name: string, cell: string): DataHome | undefined => {
  const [siteId = '', count, ...others] = name.split('.')
  if (!isId('site', siteId) || others.length > 0) return undefined
  if (count === undefined) return { siteId, cell, generation: 1 }
  return /^[1-9]\d{0,8}$/.test(count) && count !== '1' ? { siteId, cell, generation: Number(count) } : undefined
}
