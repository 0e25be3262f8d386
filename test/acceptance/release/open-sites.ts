import { demoApi } from '../api.ts'
import { createTimeline } from '../timeline.ts'
import { signIn, type Walk, waitUntilBuilt } from '../walk.ts'
import type { StorySite } from './traffic.ts'
import type { Kind } from './versions.ts'

/** People sign up, each for a site of one of the blueprints in turn. */
export const openSites = (person: Walk, count: number, names: readonly Kind[]): Promise<readonly StorySite[]> => {
  const quiet = createTimeline(() => undefined)
  const open = async (index: number): Promise<StorySite> => {
    const kind = names[index % names.length] ?? 'shared'
    const slug = `${person.slug}-${kind}-${index}`
    const { token } = await signIn({ ...person, slug, email: `${slug}@example.com` }, quiet)
    const owner = demoApi(person.origin, token)
    const { isBuilt, site } = await owner.createSite(slug, 'Demo', kind)
    if (!isBuilt) await waitUntilBuilt(() => owner.getSite(site.id))
    return { id: site.id, url: site.url, kind, acknowledged: [] }
  }
  return Promise.all(Array.from({ length: count }, (_, index) => open(index)))
}
