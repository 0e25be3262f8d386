import { api, bodyOf } from './client.ts'

/** Enters a site as its owner; without an entrance, opens it as for everybody. */
export const enterSite = async ({ id, url }: { readonly id: string; readonly url: string }): Promise<void> => {
  const entrance = await bodyOf(api.POST('/v1/sites/{id}/entrance', { params: { path: { id } } })).catch(
    () => undefined,
  )
  location.assign(entrance?.url ?? url)
}
