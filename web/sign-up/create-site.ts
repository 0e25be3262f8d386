import { ApiError } from '../api/api-error.ts'
import { api, base, bodyOf, enterSite } from '../api/client.ts'

interface Wish {
  readonly slug: string
  readonly name: string
  readonly blueprint?: string
}

/** One key per request: pressing again, or after a lost answer, does not create a second site. */
const idempotencyKey = (wish: Wish): string => {
  const text = JSON.stringify(wish)
  if (sessionStorage.getItem('wish') !== text) {
    sessionStorage.setItem('wish', text)
    sessionStorage.setItem('idempotency-key', crypto.randomUUID())
  }
  return sessionStorage.getItem('idempotency-key') ?? ''
}

/** Creates a site and enters it; while it is being built, shows the progress. */
export const createSite = async (wish: Wish): Promise<void> => {
  try {
    const header = { 'idempotency-key': idempotencyKey(wish) }
    const site = await bodyOf(api.POST('/v1/sites', { params: { header }, body: wish }))
    sessionStorage.removeItem('wish')
    if (site.status === 'active') await enterSite(site)
    else location.assign(`${base()}/#/building/${site.id}`)
  } catch (error) {
    // A refusal is final for this key; after a lost answer or a server error the key is reused.
    if (error instanceof ApiError && !error.mayPass) sessionStorage.removeItem('wish')
    throw error
  }
}
