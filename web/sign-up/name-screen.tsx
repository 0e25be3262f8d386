import { base } from '../api/client.ts'
import { type Closed, closedBy } from '../api/open-offer.ts'
import { NameForm, OwnSites } from './name-form.tsx'
import { Screen, usePage } from './screen.tsx'

/** A page below a path has the installation's own at the root of its host. */
const ClosedScreen = ({ why, day }: Closed) => {
  const { t, format } = usePage()
  return (
    <Screen title={t(`closed.${why}`, { day: format.date(day) })} lead={t('problem.offer-closed')}>
      {base() === '' ? null : (
        <div className="actions">
          <a className="button quiet" href="/">
            {t('closed.own')}
          </a>
        </div>
      )}
      <OwnSites />
    </Screen>
  )
}

/** An offer that is closed gives nobody a site, so it asks for no name. */
export const NameScreen = ({ email }: { readonly email: string }) => {
  const closed = closedBy(usePage().settings)
  return closed === undefined ? <NameForm email={email} /> : <ClosedScreen {...closed} />
}
