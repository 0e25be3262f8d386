import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Empty, State } from '../ui/state.tsx'
import { siteHash } from './routes.ts'
import { usePage } from './use-page.ts'

/** The sites of the account. */
export const SitesView = () => {
  const { t } = usePage()
  const query = useQuery({
    queryKey: ['sites'],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites', { signal })),
    refetchInterval: 10_000,
  })
  return (
    <div className="view">
      <h1>{t('sites.title')}</h1>
      {query.data === undefined ? <State query={query} /> : null}
      {query.data?.sites.length === 0 ? <Empty /> : null}
      <ul>
        {query.data?.sites.map(({ id, name }) => (
          <li key={id}>
            <a href={siteHash(id, 'overview')}>{name}</a>
          </li>
        ))}
      </ul>
    </div>
  )
}
