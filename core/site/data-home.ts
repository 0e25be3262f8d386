import { isId } from '../ids.ts'
import type { DataHome } from '../ports/runtime.ts'
import type { Site } from './site.ts'

/** The data directory that a site has now, or had last. */
export const homeOf = ({ id, generation }: Site): DataHome => ({ siteId: id, generation })

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
