import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import type { catalogue } from '../texts/catalogues/operator.ts'
import { useDomainNow, usePageOf } from '../ui/use-page.ts'

export type OperatorSession = components['schemas']['OperatorSession']

export const sessionKey = ['operator-session']

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401

/** The session; null if nobody is signed in. */
const readSession = async (): Promise<OperatorSession | null> =>
  (await bodyOf(api.GET('/v1/operator/session/present'))).session

export const useSession = () => useQuery({ queryKey: sessionKey, queryFn: readSession, staleTime: Infinity })

/** Whether the role of the operator permits operations. */
export const usePermitted = (): ((operation: string) => boolean) => {
  const { data } = useSession()
  return (operation) => data?.operations.includes(operation) === true
}

/** Names plans and offers, which a session knows by id. One that the configuration lacks by now keeps its id. */
export const useNames = () => {
  const names = useSession().data?.names
  return {
    plan: (id: string): string => names?.plans[id] ?? id,
    offer: (id: string): string => names?.offers[id] ?? id,
  }
}

const placeKey = 'operator-place'

/** Remembers the view, for a sign-in that leaves the page: addresses that come back have no fragment. */
export const rememberPlace = (): void => sessionStorage.setItem(placeKey, location.hash)

/** Returns to the view that was remembered, once. */
export const returnToPlace = (): void => {
  const place = sessionStorage.getItem(placeKey)
  sessionStorage.removeItem(placeKey)
  if (place?.startsWith('#/') && location.hash.length <= 2) location.replace(place)
}

export const usePage = () => usePageOf<keyof typeof catalogue>()

export const useNow = (): string => useDomainNow(useSession())
