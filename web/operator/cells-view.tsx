import { api } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.tsx'

/** On one machine, the free disk is the limit. */
const unlimited = Number.MAX_SAFE_INTEGER

/** Where sites run, and how much room there is. */
export const CellsView = () => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const of = (used: number, allowed: number) =>
    allowed >= unlimited
      ? format.number(used)
      : t('brake.used', { used: format.number(used), allowed: format.number(allowed) })
  const controlsOf = (cell: string, state: string, isMounted: boolean) => {
    if (state === 'lost' || !isPermitted('operatorDrainCell')) return []
    const params = { path: { cell } }
    const drain = {
      id: 'drain',
      label: t('cells.drain'),
      of: cell,
      effect: t('cells.drain-effect'),
      perform: (reason: string) => api.POST('/v1/operator/cells/{cell}/drain', { params, body: { reason } }),
    }
    const lose = {
      id: 'lose',
      label: t('cells.lose'),
      of: cell,
      effect: t('cells.lose-effect'),
      isDangerous: true,
      perform: (reason: string) => api.POST('/v1/operator/cells/{cell}/loss', { params, body: { reason } }),
    }
    return [...(state === 'draining' || !isMounted ? [] : [drain]), lose]
  }
  return (
    <View
      title={t('nav.cells')}
      query={useRead(['cells'], (signal) => api.GET('/v1/operator/cells', { signal }), { every: 60 })}
    >
      {({ cells, quotas }) => (
        <>
          <Panel title={t('cells.room')}>
            <Table
              caption={t('cells.room')}
              rows={cells}
              idOf={({ name }) => name}
              columns={[
                {
                  title: t('facts.cell'),
                  cell: ({ name, isMounted, placement }) => (
                    <>
                      {name}
                      {isMounted ? null : <small>{t('cells.away')}</small>}
                      {placement === 'named' ? <small>{t('cells.named')}</small> : null}
                    </>
                  ),
                },
                { title: t('cells.state'), cell: ({ state }) => t(`cell-state.${state}`) },
                { title: t('nav.sites'), variant: 'number', cell: ({ sites, capacity }) => of(sites, capacity) },
                {
                  title: t('cells.free'),
                  variant: 'number',
                  cell: ({ room, capacity }) => (capacity >= unlimited ? t('cells.unlimited') : format.number(room)),
                },
                {
                  title: t('pool.ready'),
                  variant: 'number',
                  from: 'medium',
                  cell: ({ ready }) => format.number(ready),
                },
              ]}
            />
            {cells.map(({ name, state, isMounted }) => (
              <Controls key={name} controls={controlsOf(name, state, isMounted)} refresh="cells" />
            ))}
          </Panel>
          {quotas.length === 0 ? null : (
            <Panel title={t('cells.quotas')}>
              <Table
                caption={t('cells.quotas')}
                rows={quotas}
                idOf={({ kind, cell }) => `${kind} ${cell}`}
                columns={[
                  { title: t('cells.quota'), cell: ({ kind }) => <span lang="en">{kind}</span> },
                  { title: t('facts.cell'), cell: ({ cell }) => cell ?? t('sites.every') },
                  { title: t('cells.use'), variant: 'number', cell: ({ used, limit }) => of(used, limit) },
                ]}
              />
            </Panel>
          )}
        </>
      )}
    </View>
  )
}
