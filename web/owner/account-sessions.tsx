import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { signInAndReturn } from '../api/return-to.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Panel } from '../ui/facts.tsx'
import { Badge } from '../ui/notice.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { usePage } from './use-page.ts'

/** Where the owner is signed in. */
export const AccountSessions = () => {
  const { t, format } = usePage()
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await bodyOf(api.GET('/v1/sessions', { signal }))).sessions,
  })
  const reload = () => queries.invalidateQueries({ queryKey: ['sessions'] })
  return (
    <Panel title={t('sessions.title')} look="wide">
      <Loaded query={query}>
        {(sessions) => (
          <>
            <Table
              caption={t('sessions.title')}
              columns={[
                {
                  title: t('sessions.browser'),
                  cell: ({ browser, network, current }) => (
                    <>
                      {browser ?? t('sessions.unknown')} {current ? <Badge>{t('sessions.this')}</Badge> : null}
                      <small>{network}</small>
                    </>
                  ),
                },
                { title: t('sessions.used'), from: 'medium', cell: ({ usedAt }) => format.instant(usedAt) },
                {
                  title: t('sessions.end'),
                  look: 'number',
                  cell: ({ id, browser, current }) => (
                    <ActButton
                      aria-label={`${t('sessions.end')}: ${browser ?? t('sessions.unknown')}`}
                      act={() => api.DELETE('/v1/sessions/{id}', { params: { path: { id } } })}
                      onDone={current ? signInAndReturn : reload}
                    >
                      {t('sessions.end')}
                    </ActButton>
                  ),
                },
              ]}
              rows={sessions}
              idOf={({ id }) => id}
            />
            {sessions.length < 2 ? null : (
              <div className="panel-part">
                <ActButton act={() => api.DELETE('/v1/sessions')} onDone={reload}>
                  {t('sessions.end-others')}
                </ActButton>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}
