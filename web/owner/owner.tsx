import { useMutation } from '@tanstack/react-query'
import { api, base, forgetAccount } from '../api/client.ts'
import { forgetAnswers } from '../api/remembering-fetch.ts'
import type { PageProps } from '../settings.ts'
import { Menu } from '../ui/menu.tsx'
import { Page } from '../ui/page.tsx'
import { showPage } from '../ui/show-page.tsx'
import { State } from '../ui/state.tsx'
import { Toasts, toast } from '../ui/toast.tsx'
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
  const { t, sayProblem } = usePage()
  const { data } = useSession()
  const leaving = useMutation({
    mutationFn: () => api.DELETE('/v1/session'),
    onSuccess: () => {
      forgetAnswers()
      sessionStorage.clear()
      forgetAccount()
      location.assign(`${base()}/`)
    },
    onError: (error) => toast({ text: sayProblem(error), tone: 'danger' }),
  })
  if (data === undefined) return null
  return (
    <Menu
      label={t('account.title')}
      text={data.email}
      items={[
        { title: t('team.title'), href: '#/team' },
        { title: t('account.title'), href: '#/account' },
        { title: t('frame.sign-out'), onAction: () => leaving.mutate() },
      ]}
    />
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
