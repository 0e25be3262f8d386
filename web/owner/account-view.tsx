import { usePage } from './use-page.ts'

/** The account: who can enter, what is stored, and its end. */
export const AccountView = () => {
  const { t } = usePage()
  return (
    <div className="view">
      <h1>{t('account.title')}</h1>
    </div>
  )
}
