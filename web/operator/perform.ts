import { api, bodyOf } from '../api/client.ts'
import type { Act } from './acts.ts'

export interface Wish {
  readonly act: Act
  readonly reason: string
  /** For `extend`: an ISO 8601 duration. */
  readonly by: string
  /** For `enter`. */
  readonly minutes: number
}

/** Acts on a site. @returns where to go next, if the act opens something. */
export const perform = async (id: string, { act, reason, by, minutes }: Wish): Promise<string | undefined> => {
  const params = { path: { id } }
  const body = { reason }
  switch (act) {
    case 'enter':
      return (await bodyOf(api.POST('/v1/operator/sites/{id}/entrance', { params, body: { reason, minutes } }))).url
    case 'retry': {
      const site = await bodyOf(api.POST('/v1/operator/sites/{id}/retry', { params, body }))
      return site.id === id ? undefined : `#/sites/${site.id}`
    }
    case 'extend':
      await api.POST('/v1/operator/sites/{id}/extend', { params, body: { reason, by } })
      return undefined
    case 'resume':
      await api.POST('/v1/operator/sites/{id}/resume', { params, body })
      return undefined
    case 'suspend':
      await api.POST('/v1/operator/sites/{id}/suspend', { params, body })
      return undefined
    case 'hold':
      await api.POST('/v1/operator/sites/{id}/hold', { params, body })
      return undefined
    case 'unhold':
      await api.POST('/v1/operator/sites/{id}/unhold', { params, body })
      return undefined
    case 'purge':
      await api.POST('/v1/operator/sites/{id}/purge', { params, body })
      return undefined
  }
}
