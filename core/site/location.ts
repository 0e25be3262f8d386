import * as z from 'zod'
import { isId, type SiteId } from '../ids.ts'

/** Where a site's traffic container listens. */
export const endpointSchema = z.strictObject({ host: z.string(), port: z.int().min(1).max(65_535) })
export type Endpoint = z.infer<typeof endpointSchema>

export const isSameEndpoint = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.host === other?.host && one.port === other.port

export interface DataHome {
  readonly siteId: SiteId
  /** Never reused, so that a late removal cannot hit a newer directory. */
  readonly generation: number
}

/** A data directory that was never used. */
export const nextGeneration = (site: {
  readonly generation: number
  readonly generationsUsed?: number | undefined
}): number => Math.max(site.generation, site.generationsUsed ?? 0) + 1

/** The site's present or last data directory. */
export const homeOf = ({ id, generation }: { readonly id: SiteId; readonly generation: number }): DataHome => ({
  siteId: id,
  generation,
})

/** The first directory has the site's id as its name; later ones have a suffix. */
export const homeName = ({ siteId, generation }: DataHome): string =>
  generation === 1 ? siteId : `${siteId}.${generation}`

export const homeNamed = (name: string): DataHome | undefined => {
  const [siteId = '', count, ...others] = name.split('.')
  if (!isId('site', siteId) || others.length > 0) return undefined
  if (count === undefined) return { siteId, generation: 1 }
  return /^[1-9]\d{0,8}$/.test(count) && count !== '1' ? { siteId, generation: Number(count) } : undefined
}
