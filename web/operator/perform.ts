import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { type Act, type OperatorSite, previewOf } from './acts.ts'

interface ActRequest {
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
export const perform = async (id: string, request: ActRequest): Promise<string | undefined> => {
  const { act, reason, by, minutes, plan, archiveId, accountId, sites } = request
  const params = { path: { id } }
  if (act === 'enter')
    return (await bodyOf(api.POST('/v1/operator/sites/{id}/entrance', { params, body: { reason, minutes } }))).url
  if (act === 'retry') {
    const site = await bodyOf(api.POST('/v1/operator/sites/{id}/retry', { params, body: { reason } }))
    return site.id === id ? undefined : `#/sites/${site.id}`
  }
  const account = { path: { id: accountId } }
  if (act === 'extend') await api.POST('/v1/operator/sites/{id}/extend', { params, body: { reason, by } })
  else if (act === 'plan') await api.POST('/v1/operator/sites/{id}/plan', { params, body: { reason, plan } })
  else if (act === 'allowance')
    await api.PUT('/v1/operator/accounts/{id}/allowance', { params: account, body: { plan, sites, reason } })
  else if (act === 'restore-release-copy')
    await api.POST('/v1/operator/sites/{id}/restore-release-copy', { params, body: { reason, archiveId } })
  else await api.POST(`/v1/operator/sites/{id}/${act}`, { params, body: { reason } })
  return undefined
}

export type ActSite = Pick<OperatorSite, 'id' | 'version' | 'name' | 'plan'> &
  Partial<Pick<OperatorSite, 'releaseCopy' | 'accountId'>>

/** What an act would do to a site; without data for an act whose consequences the API does not show. */
export const usePreview = (
  { id, version }: ActSite,
  act: Act,
  { by, plan }: Readonly<Record<'by' | 'plan', string>>,
) => {
  const action = previewOf(act)
  return useQuery({
    queryKey: ['consequences', id, version, action, by, plan],
    queryFn: ({ signal }) => {
      const request = act === 'extend' ? { by } : act === 'plan' ? { plan } : {}
      const params = { path: { id }, query: { ...(action === undefined ? {} : { action }), ...request } }
      return bodyOf(api.GET('/v1/operator/sites/{id}/consequences', { params, signal }))
    },
    enabled: action !== undefined && (act !== 'plan' || plan !== ''),
    // The form keeps what was typed while another choice is previewed.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}
