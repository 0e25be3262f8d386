import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { createQueryClient } from '../api/query-client.ts'
import { forgetAnswers } from '../api/remembering-fetch.ts'
import { Button } from '../ui/button.tsx'
import { Badge } from '../ui/notice.tsx'
import type { PageProps } from '../ui/page.tsx'
import { Page } from '../ui/page.tsx'
import { State } from '../ui/state.tsx'
import { useHash } from '../ui/use-hash.ts'
import { OverviewView } from './overview-view.tsx'
import type { Route } from './routes.ts'
import { hashOf, routeOf } from './routes.ts'
import type { OperatorSession } from './session.ts'
import { isSignedOut, returnToPlace, sessionKey, usePermitted, useSession } from './session.ts'
import { SignInScreen } from './sign-in-screen.tsx'
import { SiteView } from './site-view.tsx'
import { SitesView } from './sites-view.tsx'
import { usePage } from './use-page.ts'

const Person = () => {
  const { t } = usePage()
  const { data } = useSession()
  const queries = useQueryClient()
  const leaving = useMutation({
    mutationFn: () => bodyOf(api.DELETE('/v1/operator/session')),
    onSuccess: ({ signOutUrl }) => {
      forgetAnswers()
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
      history.replaceState(null, '', '#/')
      queries.setQueryData(sessionKey, null)
      if (signOutUrl !== null) location.assign(signOutUrl)
    },
  })
  if (!data) return null
  const { email, id, role } = data.operator
  return (
    <>
      <span>
        {email ?? id} <Badge>{t(`role.${role}`)}</Badge>
      </span>
      <Button tone="plain" isBusy={leaving.isPending} onClick={() => leaving.mutate()}>
        {t('frame.sign-out')}
      </Button>
    </>
  )
}

const places: readonly { readonly operation: string; readonly route: Route & { name: 'overview' | 'sites' } }[] = [
  { operation: 'operatorGetOverview', route: { name: 'overview' } },
  { operation: 'operatorListSites', route: { name: 'sites', view: {} } },
]

const Navigation = ({ route }: { readonly route: Route }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const current = route.name === 'site' ? 'sites' : route.name
  return (
    <nav className="places" aria-label={t('nav.label')}>
      {places
        .filter(({ operation }) => isPermitted(operation))
        .map(({ route: place }) => (
          <a key={place.name} href={hashOf(place)} aria-current={place.name === current ? 'page' : undefined}>
            {t(`nav.${place.name}`)}
          </a>
        ))}
    </nav>
  )
}

const View = ({ route }: { readonly route: Route }) => {
  if (route.name === 'overview') return <OverviewView />
  if (route.name === 'sites') return <SitesView view={route.view} />
  return <SiteView key={route.id} id={route.id} part={route.part} />
}

const SignedIn = ({ session }: { readonly session: OperatorSession }) => {
  const route = routeOf(useHash())
  const { id } = session.operator
  useEffect(() => {
    if (id !== '') returnToPlace()
  }, [id])
  return (
    <div className="operator">
      <Navigation route={route} />
      <View route={route} />
    </div>
  )
}

const Content = () => {
  const session = useSession()
  if (session.data === null) return <SignInScreen />
  if (session.data === undefined) return <State query={session} />
  return <SignedIn session={session.data} />
}

/** Queries of a session. One that has ended shows the sign-in, and the address keeps the view. */
const createSessionQueries = () => {
  const queries = createQueryClient((error) => {
    if (isSignedOut(error)) queries.setQueryData(sessionKey, null)
  })
  return queries
}

/** The page of operators. */
export const OperatorPage = (props: PageProps) => (
  <Page {...props} person={<Person />} createQueries={createSessionQueries}>
    <Content />
  </Page>
)
