import { api, bodyOf } from '../api/client.ts'
import type { Act } from './acts.ts'

export interface Wish {
  readonly act: Act
  readonly reason: string
  /** For `extend`: an ISO 8601 duration. */
  readonly by: string
  /** For `enter`. */
  readonly minutes: number
  /** For `plan`. */
  readonly plan: string
  /** For `restore-release-copy`. */
  readonly archiveId: string
  /** For `allowance`: whose, and for how many sites. */
  readonly accountId: string
  readonly sites: number
}

/** Acts on a site. @returns where to go next, if the act opens something. */
export const perform = async (id: string, wish: Wish): Promise<string | undefined> => {
  const { act, reason, by, minutes, plan, archiveId, accountId, sites } = wish
  const params = { path: { id } }
  switch (act) {
    case 'enter':
      return (await bodyOf(api.POST('/v1/operator/sites/{id}/entrance', { params, body: { reason, minutes } }))).url
    case 'retry': {
      const site = await bodyOf(api.POST('/v1/operator/sites/{id}/retry', { params, body: { reason } }))
      return site.id === id ? undefined : `#/sites/${site.id}`
    }
    case 'extend':
      await api.POST('/v1/operator/sites/{id}/extend', { params, body: { reason, by } })
      return undefined
    case 'plan':
      await api.POST('/v1/operator/sites/{id}/plan', { params, body: { reason, plan } })
      return undefined
    case 'allowance': {
      const account = { path: { id: accountId } }
      await api.PUT('/v1/operator/accounts/{id}/allowance', { params: account, body: { plan, sites, reason } })
      return undefined
    }
    case 'restore-release-copy':
      await api.POST('/v1/operator/sites/{id}/restore-release-copy', { params, body: { reason, archiveId } })
      return undefined
    default:
      await api.POST(`/v1/operator/sites/{id}/${act}`, { params, body: { reason } })
      return undefined
  }
}
