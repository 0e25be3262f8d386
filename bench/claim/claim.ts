import { demoApi } from '../../bin/demo/api.ts'
import type { BenchHost } from '../host/bench-host.ts'
import type { Person } from '../host/sign-up-people.ts'
import type { Start } from './first-answer.ts'

/**
 * Somebody's way to a site: the request for it, until the site's own health path answers through the router.
 * @param isReady whether a site is expected to stand ready; another answer is an error, as another thing was measured.
 */
export const claim = (host: BenchHost, { slug, token }: Person, path: string, isReady: boolean): Start => ({
  begin: async () => {
    const { isBuilt } = await demoApi(host.url, token).createSite(slug, slug)
    if (isBuilt !== isReady) throw new Error(`a site ${isBuilt ? 'stood ready' : 'had to be built'} unexpectedly`)
  },
  url: `http://${slug}.localhost:${host.port}${path}`,
})
