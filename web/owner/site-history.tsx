import { useInfiniteQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { Empty, Loaded } from '../ui/state.tsx'
import { usePage } from './page.ts'
import { type Site, useOfferedPlans } from './use-site.ts'

const failures: readonly string[] = ['SiteFailed', 'SiteDown', 'SiteOperationEnded']

/** What happened to a site, newest first. */
export const SiteHistory = ({ site: { id, status, operation } }: { readonly site: Site }) => {
  const { t, find, format } = usePage()
  const plans = useOfferedPlans()
  const first: string | undefined = undefined
  const query = useInfiniteQuery({
    queryKey: ['history', id, status, operation],
    initialPageParam: first,
    queryFn: ({ pageParam, signal }: { readonly pageParam: string | undefined; readonly signal: AbortSignal }) => {
      const page = { limit: 100, ...(pageParam === undefined ? {} : { cursor: pageParam }) }
      return bodyOf(api.GET('/v1/sites/{id}/history', { params: { path: { id }, query: page }, signal }))
    },
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: (before) => before,
    select: ({ pages }) => pages.flatMap(({ entries }) => entries),
  })
  return (
    <Panel title={t('history.title')}>
      <Loaded query={query}>
        {(entries) => (
          <>
            {entries.length === 0 && !query.hasNextPage ? <Empty /> : null}
            <ol className="timeline">
              {entries.map(({ id: key, at, type, by, person, about, plan, until, reason }) => {
                const planName = plans.find((offered) => offered.id === plan)?.name ?? plan ?? ''
                const values = { plan: planName, until: until === null ? '' : format.instant(until) }
                return (
                  <li key={key} data-kind={failures.includes(type) ? 'failure' : 'event'}>
                    <strong>{find(`history.${type}.${about}`, values) ?? t(`history.${type}`, values)}</strong>
                    {reason === null ? null : <p>{t('history.reason', { reason })}</p>}
                    <p className="quiet-text">
                      <time dateTime={at}>{format.instant(at)}</time> ·{' '}
                      {person === null ? t(`history.by.${by}`) : t('history.by.member', { person })}
                    </p>
                  </li>
                )
              })}
            </ol>
          </>
        )}
      </Loaded>
      {query.hasNextPage ? (
        <Button tone="quiet" isBusy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {t('history.more')}
        </Button>
      ) : null}
    </Panel>
  )
}
