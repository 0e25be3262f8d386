import { useQuery } from '@tanstack/react-query'
import { api, bodyOf, chooseAccount, chosenAccount } from '../api/client.ts'
import { useSignOut } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import { ActButton, LinkButton } from '../ui/button.tsx'
import { Menu } from '../ui/menu.tsx'
import { Page } from '../ui/page.tsx'
import { Facts, Notice } from '../ui/panel.tsx'
import { showPage } from '../ui/show-page.tsx'
import { State, View } from '../ui/state.tsx'
import { Toasts, toast } from '../ui/toast.tsx'
import { useHash, useTitle } from '../ui/use-page.ts'
import { AccountView } from './account-view.tsx'
import { createSessionQueries, useAccounts, useMay, usePage, useSession } from './page.ts'
import { routeOf } from './routes.ts'
import { SiteView } from './site-view.tsx'
import { SitesView } from './sites-view.tsx'
import { TeamView } from './team-view.tsx'

/** An invitation to the address of whoever is signed in. Everybody else learns that there is none for them. */
const InvitationView = ({ id }: { readonly id: string }) => {
  const { t, format } = usePage()
  useTitle(t('invitation.title'))
  const session = useSession()
  const query = useQuery({
    queryKey: ['invitations'],
    queryFn: async ({ signal }) => (await bodyOf(api.GET('/v1/invitations', { signal }))).invitations,
  })
  return (
    <View title={t('invitation.title')} query={query}>
      {(invitations) => {
        const invitation = invitations.find((one) => one.id === id)
        if (invitation === undefined)
          return (
            <Notice tone="warning" title={t('invitation.none')}>
              {t('invitation.none-text', { email: session.data?.email ?? '' })} <a href="#/">{t('sites.title')}</a>
            </Notice>
          )
        const { invitedBy, role, expiresAt } = invitation
        return (
          <section className="panel">
            <p>{t('invitation.text', { inviter: invitedBy ?? t('team.gone') })}</p>
            <Facts facts={[[t('team.role'), t(`member.${role}`)]]} />
            <p className="quiet-text">{t('team.role-text')}</p>
            <p className="quiet-text">{t('invitation.until', { at: format.instant(expiresAt) })}</p>
            <div className="actions">
              <ActButton
                tone="primary"
                act={() => bodyOf(api.POST('/v1/invitations/{id}/acceptance', { params: { path: { id } } }))}
                onDone={(account) => chooseAccount(account.own ? null : account.id)}
              >
                {t('invitation.accept')}
              </ActButton>
              <LinkButton tone="quiet" href="#/">
                {t('invitation.later')}
              </LinkButton>
            </div>
          </section>
        )
      }}
    </View>
  )
}

/** Which account the page acts for, where somebody has several. */
const AccountChoice = () => {
  const { t } = usePage()
  const { data = [] } = useAccounts()
  const present = data.find(({ id, own }) => (chosenAccount === null ? own : id === chosenAccount))
  if (data.length < 2 || present === undefined) return null
  const say = ({ name, role, own }: typeof present) =>
    own ? t('team.own', { name }) : t('team.role-of', { name, role: t(`member.${role}`) })
  return (
    <div className="account-choice">
      <p className="quiet-text">{t('team.account')}</p>
      <Menu
        label={t('team.account')}
        text={say(present)}
        items={data
          .filter((account) => account !== present)
          .map((account) => ({
            id: account.id,
            title: say(account),
            onAction: () => chooseAccount(account.own ? null : account.id),
          }))}
      />
    </div>
  )
}

const Person = () => {
  const { t, sayProblem } = usePage()
  const { data } = useSession()
  const leaving = useSignOut((error) => toast({ text: sayProblem(error), tone: 'danger' }))
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

/** In place of all acts, while an account is being deleted. Its holder alone can keep it. */
const ClosedAccount = () => {
  const { t } = usePage()
  const may = useMay()
  const { data: session } = useSession()
  const isThere = routeOf(useHash()).name === 'account'
  if (session?.isClosed !== true || isThere) return null
  return (
    <Notice tone="warning" title={t('account.closed')}>
      {may('reopenAccount') ? <a href="#/account">{t('account.closed-link')}</a> : t('account.closed-text')}
    </Notice>
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

const OwnerPage = (props: PageProps) => (
  <Page {...props} person={<Person />} createQueries={createSessionQueries}>
    <div className="owner">
      <AccountChoice />
      <ClosedAccount />
      <Content />
    </div>
    <Toasts />
  </Page>
)

await showPage(OwnerPage)
