import { useQuery } from '@tanstack/react-query'
import { api, bodyOf, chooseAccount, chosenAccount } from '../api/client.ts'
import { Select } from '../ui/field.tsx'
import { usePage, useSession } from './page.ts'

const useAccounts = () => {
  const { data: session } = useSession()
  return useQuery({
    queryKey: ['accounts'],
    // Without a session it would be refused, which browsers log.
    enabled: session !== undefined,
    queryFn: async ({ signal }) => (await bodyOf(api.GET('/v1/accounts', { signal }))).accounts,
    staleTime: Infinity,
  })
}

/** Which account the page acts for, where somebody has several. */
export const AccountChoice = () => {
  const { t } = usePage()
  const { data = [] } = useAccounts()
  const own = data.find((account) => account.own)
  if (data.length < 2 || own === undefined) return null
  return (
    <div className="account-choice">
      <Select
        label={t('team.account')}
        value={chosenAccount ?? own.id}
        onChange={(id) => chooseAccount(id === own.id ? null : id)}
        options={data.map(({ id, name, role, own: isOwn }) => ({
          value: id,
          label: isOwn ? t('team.own', { name }) : t('team.role-of', { name, role: t(`member.${role}`) }),
        }))}
      />
    </div>
  )
}
