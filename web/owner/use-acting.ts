import { useMutation } from '@tanstack/react-query'
import { isKind } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { toast } from '../ui/toast.tsx'
import { usePage } from './page.ts'
import { siteHash } from './routes.ts'
import { type Act, newsOf } from './site-acts.ts'
import { type Site, useUpdateSite } from './use-site.ts'

/** Acts on a site. @returns it afterwards. */
const perform = (id: string, act: Act): Promise<Site> => {
  const params = { path: { id } }
  if (act === 'keep') return bodyOf(api.DELETE('/v1/sites/{id}/deletion', { params }))
  if (act === 'extend') return bodyOf(api.POST('/v1/sites/{id}/extend', { params }))
  return bodyOf(api.POST('/v1/sites/{id}/resume', { params }))
}

/** What an owner does with one press, and says what has changed. */
export const useActing = (site: Site) => {
  const page = usePage()
  const update = useUpdateSite(site.id)
  return useMutation({
    mutationFn: (act: Act) => perform(site.id, act),
    onSuccess: async (after, act) => {
      await update(after)
      toast({ text: newsOf(page, act, site, after) })
    },
    onError: async (error) => {
      if (isKind(error, 'payment-required')) location.hash = siteHash(site.id, 'plans')
      await update()
    },
  })
}

export type Acting = ReturnType<typeof useActing>
