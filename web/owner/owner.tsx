import { useMutation } from '@tanstack/react-query'
import { api, base, forgetAccount } from '../api/client.ts'
import { forgetAnswers } from '../api/remembering-fetch.ts'
import type { PageProps } from '../settings.ts'
import { Button } from '../ui/button.tsx'
import { Page } from '../ui/page.tsx'
import { showPage } from '../ui/show-page.tsx'
import { State } from '../ui/state.tsx'
import { Toasts } from '../ui/toast.tsx'
import { useHash } from '../ui/use-page.ts'
import { AccountChoice } from './account-choice.tsx'
import { AccountView } from './account-view.tsx'
import { InvitationView } from './invitation-view.tsx'
import { createSessionQueries, usePage, useSession } from './page.ts'
import { routeOf } from './routes.ts'
import { SiteView } from './site-view.tsx'
import { SitesView } from './sites-view.tsx'
import { TeamView } from './team-view.tsx'

const Person = () => {
  const { t } = usePage()
  const { data } = useSession()
  const leaving = useMutation({
    mutationFn: () => api.DELETE('/v1/session'),
    onSuccess: () => {
      forgetAnswers()
      sessionStorage.clear()
      forgetAccount()
      location.assign(`${base()}/`)
    },
  })
  if (data === undefined) return null
  return (
    <>
      <span>{data.email}</span>
      <a href="#/team">{t('team.title')}</a>
      <a href="#/account">{t('account.title')}</a>
      <Button tone="plain" isBusy={leaving.isPending} onClick={() => leaving.mutate()}>
        {t('frame.sign-out')}
      </Button>
    </>
  )
}

const Content = () => {
  const session = useSession()
  const route = routeOf(useHash())
  if (session.data === undefined) return <State query={session} />
  if (route.name === 'account') return <AccountView />
  if (route.name === 'team') return <TeamView />
  if (route.name === 'invitation') return <InvitationView key={route.id} id={route.id} />
  if (route.name === 'sites') return <SitesView />
  return <SiteView key={route.id} id={route.id} part={route.part} isBought={route.isBought} />
}

/** The page of owners. */
const OwnerPage = (props: PageProps) => (
  <Page {...props} person={<Person />} createQueries={createSessionQueries}>
    <div className="owner">
      <AccountChoice />
      <Content />
    </div>
    <Toasts />
  </Page>
)

await showPage(OwnerPage)
