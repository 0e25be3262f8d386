import { useMutation, useQuery } from '@tanstack/react-query'
import { api, bodyOf, isKind } from '../api/client.ts'
import { toast } from '../ui/toast.tsx'
import { billingText } from './billing-words.ts'
import { billingQuery, useMay, useNow, usePage, useSite, useUpdateSite } from './page.ts'
import { siteHash } from './routes.ts'
import { type Act, actsFor, hintOf, newsOf } from './site-acts.ts'
import { isLive, isWithheld, type Site } from './site-words.ts'

/** Acts on a site. @returns it afterwards. */
const perform = ({ id, environment }: Site, act: Act): Promise<Site> => {
  const params = { path: { id } }
  if (environment !== undefined) {
    const path = { id: environment.siteId, name: environment.name }
    return bodyOf(api.POST('/v1/sites/{id}/environments/{name}/restore', { params: { path } }))
  }
  if (act === 'keep') return bodyOf(api.DELETE('/v1/sites/{id}/deletion', { params }))
  if (act === 'extend') return bodyOf(api.POST('/v1/sites/{id}/extend', { params }))
  return bodyOf(api.POST('/v1/sites/{id}/resume', { params }))
}

const rightTo = { extend: 'extendTrial', resume: 'resumeSite', restore: 'resumeSite', keep: 'revokeDeletion' } as const

interface Acts {
  /** The likeliest first. */
  readonly acts: readonly Act[]
  /** May be empty. Words in brackets link to us. */
  readonly hint: string
  /** The site that an environment is down with: until that runs, nothing can be done. */
  readonly downWith: string | undefined
}

/** Tells of a paused subscription that keeps a site down which stopped for another reason; empty without one. */
const usePause = (site: Site): string => {
  const [page, now, may] = [usePage(), useNow(), useMay()]
  const isDown = !isLive(site) && site.deletion === null && !isWithheld(site)
  const enabled = isDown && site.extension === null && may('getBilling')
  const { data: billing } = useQuery({ ...billingQuery(site.id), enabled })
  const isOver = billing?.state === 'paused' && billing.runsUntil !== null && billing.runsUntil <= now
  return isDown && isOver ? billingText(page, billing, site, now) : ''
}

/** What the person can do with a site now. */
export const useActs = (site: Site): Acts => {
  const [page, now, may] = [usePage(), useNow(), useMay()]
  const pause = usePause(site)
  const siteId = site.environment?.siteId
  const { data: production } = useSite(siteId ?? site.id)
  if (production === undefined || !(siteId === undefined || isLive(production)))
    return { acts: [], hint: '', downWith: production && siteId }
  if (pause !== '') return { acts: [], hint: pause, downWith: undefined }
  const all = actsFor(site)
  const acts = all.filter((act) => may(site.environment ? 'restoreEnvironment' : rightTo[act]))
  const hint = may('resumeSite') && acts.length === all.length ? hintOf(page, site, now) : ''
  return { acts, hint, downWith: undefined }
}

/** What an owner does with one press, and says what has changed. */
export const useActing = (site: Site) => {
  const page = usePage()
  const update = useUpdateSite(site.id)
  return useMutation({
    mutationFn: (act: Act) => perform(site, act),
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
