import { useQuery } from '@tanstack/react-query'
import { api, bodyOf, chooseAccount } from '../api/client.ts'
import { ActButton } from '../ui/button.tsx'
import { Facts, Notice } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { useTitle } from '../ui/use-page.ts'
import { usePage, useSession } from './page.ts'

/** An invitation to the address of whoever is signed in. Everybody else learns that there is none for them. */
export const InvitationView = ({ id }: { readonly id: string }) => {
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
              {t('invitation.none-text', { email: session.data?.email ?? '' })}
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
            </div>
          </section>
        )
      }}
    </View>
  )
}
