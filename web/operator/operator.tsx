import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api } from '../api/client.ts'
import { createQueryClient, useRead } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import { Page } from '../ui/page.tsx'
import { Disclosure, Facts, Panel } from '../ui/panel.tsx'
import { Sessions } from '../ui/sessions.tsx'
import { showPage } from '../ui/show-page.tsx'
import { GonePage, State, View } from '../ui/state.tsx'
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
import { settingFacts, settingName } from './setting-facts.ts'
import { SignInScreen } from './sign-in-screen.tsx'
import { SiteView } from './site-view.tsx'
import { SitesView } from './sites-view.tsx'
import { WebhooksView } from './webhooks-view.tsx'

/** More values than this are closed at first. */
const maxOpen = 7

const Values = ({ of, title }: { readonly of: unknown; readonly title?: string }) => {
  const page = usePage()
  const facts = settingFacts(page, of)
  return title === undefined && facts.length <= maxOpen ? (
    <Facts facts={facts} />
  ) : (
    <Disclosure title={title ?? page.t('settings.show', { count: facts.length })}>
      <Facts facts={facts} />
    </Disclosure>
  )
}

/** The configuration, to read. */
const SettingsView = () => {
  const page = usePage()
  const { t } = page
  const query = useRead(['settings'], (signal) => api.GET('/v1/operator/settings', { signal }))
  return (
    <View title={t('nav.settings')} query={query}>
      {({ pool, trials, plans, trialPolicies, sleep, abuse, audit, ...rest }) => (
        <>
          <p className="quiet-text">{t('settings.lead')}</p>
          <div className="panels">
            {Object.entries({ installation: rest, trials: { ...trials, pool, audit }, sleep, abuse }).map(
              ([name, setting]) => (
                <Panel key={name} title={settingName(page, name)} variant="half">
                  <Values of={setting} />
                </Panel>
              ),
            )}
            {plans.map((plan) => (
              <Panel key={plan.id} title={`${t('site.plan')}: ${plan.name}`} variant="half">
                <Facts facts={settingFacts(page, plan)} />
              </Panel>
            ))}
            <Panel title={settingName(page, 'trialPolicies')} variant="half">
              {trialPolicies.map((policy) => (
                <Values key={policy.version} title={t('blueprint.of', { version: policy.version })} of={policy} />
              ))}
            </Panel>
          </div>
        </>
      )}
    </View>
  )
}

const SessionsView = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const query = useRead(['sessions'], (signal) => api.GET('/v1/operator/sessions', { signal }))
  return (
    <View title={t('nav.sessions')} query={query}>
      {({ sessions }) => (
        <section className="panel">
          <p className="quiet-text">{t('sessions.lead')}</p>
          <Sessions
            sessions={sessions}
            end={(id) => api.DELETE('/v1/operator/sessions/{id}', { params: { path: { id } } })}
            endOthers={() => api.DELETE('/v1/operator/sessions')}
            onEnded={(isOwn) => queries.invalidateQueries({ queryKey: isOwn ? sessionKey : ['sessions'] })}
          />
        </section>
      )}
    </View>
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

const CurrentView = ({ route }: { readonly route: Route }) => {
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
      <CurrentView route={route} />
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
