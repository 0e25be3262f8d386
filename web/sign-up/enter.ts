import { api, base, bodyOf, takeReturnPath } from '../api/client.ts'

/** Where somebody continues who is signed in: where they were, to name a site, to a build, or to their sites. */
export const placeAfterSignIn = async (signal?: AbortSignal): Promise<string> => {
  const before = takeReturnPath()
  if (before !== undefined) return before
  const { sites } = await bodyOf(api.GET('/v1/sites', signal === undefined ? {} : { signal }))
  const [first] = sites
  if (first === undefined) return `${base()}/#/new`
  return sites.length === 1 && first.status === 'building' ? `${base()}/#/building/${first.id}` : `${base()}/sites/`
}
