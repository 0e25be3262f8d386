import { useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Badge } from '../ui/notice.tsx'
import { Table } from '../ui/table.tsx'
import { usePage } from './use-page.ts'
import { useRead, View } from './view.tsx'

/** The sessions of the person who is signed in. */
export const SessionsView = () => {
  const { t, format } = usePage()
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['sessions'] })
  const query = useRead('sessions', (signal) => bodyOf(api.GET('/v1/operator/sessions', { signal })))
  const endOthers = (
    <ActButton act={() => api.DELETE('/v1/operator/sessions')} onDone={refresh}>
      {t('sessions.end-others')}
    </ActButton>
  )
  const hasOthers = query.data?.sessions.some(({ current }) => !current)
  return (
    <View title={t('nav.sessions')} aside={hasOthers ? endOthers : null} query={query}>
      {({ sessions }) => (
        <section className="panel">
          <p className="quiet-text">{t('sessions.lead')}</p>
          <Table
            caption={t('nav.sessions')}
            rows={sessions}
            idOf={({ id }) => id}
            columns={[
              {
                title: t('sessions.browser'),
                cell: ({ browser, network, current }) => (
                  <>
                    {browser ?? '–'} {current ? <Badge>{t('sessions.current')}</Badge> : null}
                    <small>{network}</small>
                  </>
                ),
              },
              { title: t('sessions.used'), cell: ({ usedAt }) => format.moment(usedAt) },
              {
                title: t('audit.action'),
                cell: ({ id, browser, current }) =>
                  current ? null : (
                    <ActButton
                      aria-label={`${t('sessions.end')}: ${browser}`}
                      act={() => api.DELETE('/v1/operator/sessions/{id}', { params: { path: { id } } })}
                      onDone={refresh}
                    >
                      {t('sessions.end')}
                    </ActButton>
                  ),
              },
            ]}
          />
        </section>
      )}
    </View>
  )
}
