import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Badge, Notice } from '../ui/notice.tsx'
import { Table } from '../ui/table.tsx'
import { usePage } from './use-page.ts'
import { useRead, View } from './view.tsx'

/** The sessions of the person who is signed in. */
export const SessionsView = () => {
  const { t, format, sayProblem } = usePage()
  const queries = useQueryClient()
  const query = useRead('sessions', (signal) => bodyOf(api.GET('/v1/operator/sessions', { signal })))
  const ending = useMutation({
    mutationFn: (id: string | undefined) =>
      id === undefined
        ? api.DELETE('/v1/operator/sessions')
        : api.DELETE('/v1/operator/sessions/{id}', { params: { path: { id } } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const endOthers = (
    <Button tone="quiet" isBusy={ending.isPending} onClick={() => ending.mutate(undefined)}>
      {t('sessions.end-others')}
    </Button>
  )
  const hasOthers = query.data?.sessions.some(({ current }) => !current)
  return (
    <View title={t('nav.sessions')} aside={hasOthers ? endOthers : null} query={query}>
      {({ sessions }) => (
        <section className="panel">
          <p className="quiet-text">{t('sessions.lead')}</p>
          {ending.isError ? <Notice tone="danger">{sayProblem(ending.error)}</Notice> : null}
          {ending.isSuccess ? <Notice tone="good">{t('act.done', { act: t('sessions.end') })}</Notice> : null}
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
                    <Button
                      tone="quiet"
                      aria-label={`${t('sessions.end')}: ${browser}`}
                      isBusy={ending.isPending}
                      onClick={() => ending.mutate(id)}
                    >
                      {t('sessions.end')}
                    </Button>
                  ),
              },
            ]}
          />
        </section>
      )}
    </View>
  )
}
