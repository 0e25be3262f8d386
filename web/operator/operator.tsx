import { useEffect } from 'react'
import { createQueryClient } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import { Page } from '../ui/page.tsx'
import { showPage } from '../ui/show-page.tsx'
import { GonePage, State } from '../ui/state.tsx'
import { Toasts } from '../ui/toast.tsx'
import { useHash, useTitle } from '../ui/use-page.ts'
import { AuditView } from './audit-view.tsx'
import { BillingView } from './billing-view.tsx'
import { BlueprintsView } from './blueprints-view.tsx'
import { CellsView } from './cells-view.tsx'
import { LeadView } from './lead-view.tsx'
import { LeadsView } from './leads-view.tsx'
import { Drawer, Sidebar } from './navigation.tsx'
import { OverviewView } from './overview-view.tsx'
import { isSignedOut, type OperatorSession, returnToPlace, sessionKey, usePage, useSession } from './page.tsx'
import { Palette } from './palette.tsx'
import { ReportsView } from './reports-view.tsx'
import { RolloutsView } from './rollouts-view.tsx'
import { hashOf, type Route, routeOf } from './routes.ts'
import { SessionsView, SettingsView } from './settings-view.tsx'
import { SignInScreen } from './sign-in-screen.tsx'
import { SiteView } from './site-view.tsx'
import { SitesView } from './sites-view.tsx'
import { WebhooksView } from './webhooks-view.tsx'

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
  if (route.name === 'unknown') return <UnknownView />
  const Plain = plainViews[route.name]
  return <Plain />
}

const UnknownView = () => {
  const { t } = usePage()
  return (
    <GonePage title={t('unknown.title')}>
      {t('unknown.text')} <a href={hashOf({ name: 'overview' })}>{t('nav.overview')}</a>
    </GonePage>
  )
}

const SignedIn = ({ session }: { readonly session: OperatorSession }) => {
  const route = routeOf(useHash())
  const { id } = session.operator
  const { t } = usePage()
  // A site names itself.
  useTitle(
    route.name === 'site'
      ? undefined
      : route.name === 'unknown'
        ? t('unknown.title')
        : t(`nav.${route.name === 'lead' ? 'leads' : route.name}`),
  )
  useEffect(() => {
    if (id !== '') returnToPlace()
  }, [id])
  return (
    <div className="operator">
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

const Tools = () =>
  useSession().data ? (
    <>
      <Palette />
      <Drawer />
    </>
  ) : null

const OperatorPage = (props: PageProps) => (
  <Page {...props} person={<Tools />} side={<Sidebar />} createQueries={createSessionQueries}>
    <Content />
    <Toasts />
  </Page>
)

await showPage(OperatorPage)
