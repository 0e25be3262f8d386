import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { createQueryClient } from '../api/query-client.ts'
import { forgetAnswers } from '../api/remembering-fetch.ts'
import type { PageProps } from '../settings.ts'
import { Button } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { Badge } from '../ui/panel.tsx'
import { showPage } from '../ui/show-page.tsx'
import { State } from '../ui/state.tsx'
import { useHash, useTitle } from '../ui/use-page.ts'
import { AuditView } from './audit-view.tsx'
import { BillingView } from './billing-view.tsx'
import { BlueprintsView } from './blueprints-view.tsx'
import { CellsView } from './cells-view.tsx'
import { LeadView } from './lead-view.tsx'
import { LeadsView } from './leads-view.tsx'
import { OverviewView } from './overview-view.tsx'
import {
  isSignedOut,
  type OperatorSession,
  returnToPlace,
  sessionKey,
  usePage,
  usePermitted,
  useSession,
} from './page.ts'
import { ReportsView } from './reports-view.tsx'
import { RolloutsView } from './rollouts-view.tsx'
import { hashOf, type Route, routeOf } from './routes.ts'
import { SessionsView } from './sessions-view.tsx'
import { SettingsView } from './settings-view.tsx'
import { SignInScreen } from './sign-in-screen.tsx'
import { SiteView } from './site-view.tsx'
import { SitesView } from './sites-view.tsx'
import { WebhooksView } from './webhooks-view.tsx'

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
      <a href={hashOf({ name: 'sessions' })}>{t('nav.sessions')}</a>
      <Button tone="plain" isBusy={leaving.isPending} onClick={() => leaving.mutate()}>
        {t('frame.sign-out')}
      </Button>
    </>
  )
}

const places = [
  ['operatorGetOverview', { name: 'overview' }],
  ['operatorListSites', { name: 'sites', view: {} }],
  ['operatorListLeads', { name: 'leads', view: {} }],
  ['operatorListReports', { name: 'reports', view: {} }],
  ['operatorListRollouts', { name: 'rollouts' }],
  ['operatorListBlueprints', { name: 'blueprints' }],
  ['operatorListCells', { name: 'cells' }],
  ['operatorGetBilling', { name: 'billing' }],
  ['operatorListWebhooks', { name: 'webhooks' }],
  ['operatorListAudit', { name: 'audit', view: {} }],
  ['operatorGetSettings', { name: 'settings' }],
] as const

const Navigation = ({ route }: { readonly route: Route }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const lists: Partial<Record<Route['name'], Route['name']>> = { site: 'sites', lead: 'leads' }
  const current = lists[route.name] ?? route.name
  return (
    <nav className="places" aria-label={t('nav.label')}>
      {places
        .filter(([operation]) => isPermitted(operation))
        .map(([, place]) => (
          <a key={place.name} href={hashOf(place)} aria-current={place.name === current ? 'page' : undefined}>
            {t(`nav.${place.name}`)}
          </a>
        ))}
    </nav>
  )
}

const plainViews = {
  overview: OverviewView,
  rollouts: RolloutsView,
  blueprints: BlueprintsView,
  cells: CellsView,
  billing: BillingView,
  webhooks: WebhooksView,
  settings: SettingsView,
  sessions: SessionsView,
} as const

const View = ({ route }: { readonly route: Route }) => {
  if (route.name === 'sites') return <SitesView view={route.view} />
  if (route.name === 'leads') return <LeadsView view={route.view} />
  if (route.name === 'lead') return <LeadView key={route.id} id={route.id} />
  if (route.name === 'reports') return <ReportsView view={route.view} />
  if (route.name === 'audit') return <AuditView view={route.view} />
  if (route.name === 'site') return <SiteView key={route.id} id={route.id} part={route.part} cursor={route.cursor} />
  const Plain = plainViews[route.name]
  return <Plain />
}

const SignedIn = ({ session }: { readonly session: OperatorSession }) => {
  const route = routeOf(useHash())
  const { id } = session.operator
  const { t } = usePage()
  // A site names itself.
  useTitle(route.name === 'site' ? undefined : t(`nav.${route.name === 'lead' ? 'leads' : route.name}`))
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
const OperatorPage = (props: PageProps) => (
  <Page {...props} person={<Person />} createQueries={createSessionQueries}>
    <Content />
  </Page>
)

await showPage(OperatorPage)
