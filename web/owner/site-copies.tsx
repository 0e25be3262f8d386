import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isKind } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { ActButton } from '../ui/button.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { Empty, Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { PageError } from '../ui/use-page.ts'
import { usePage } from './page.ts'
import type { Site } from './use-site.ts'

/** How the last copy of this visit ended, by the list; undefined before its end. */
const useOutcome = (isCopying: boolean, isListed: boolean, newest?: string | null): 'done' | 'failed' | undefined => {
  const [known, setKnown] = useState<{ readonly before?: string | null; readonly outcome?: 'done' | 'failed' }>({})
  const { before } = known
  // A short copy ends before the list is there again: the list from before the copy will do.
  if (isCopying && newest !== undefined && before === undefined) setKnown({ before: newest })
  if (!isCopying && isListed && newest !== undefined && before !== undefined)
    setKnown({ outcome: newest === before ? 'failed' : 'done' })
  return isCopying ? undefined : known.outcome
}

/** The verified copies of a site's data. */
export const SiteCopies = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const queries = useQueryClient()
  const { id } = site
  const isCopying = site.operation === 'copy'
  const query = useQuery({
    // The list is loaded again when a copy ends.
    queryKey: ['archives', id, isCopying],
    queryFn: async ({ signal }) => {
      const params = { path: { id }, query: { limit: 100 } }
      return (await bodyOf(api.GET('/v1/sites/{id}/archives', { params, signal }))).archives
    },
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const isListed = query.data !== undefined && !query.isFetching
  const newest = query.data === undefined ? undefined : (query.data[0]?.id ?? null)
  const outcome = useOutcome(isCopying, isListed, newest)
  const take = async () => {
    try {
      return await bodyOf(api.POST('/v1/sites/{id}/archives', { params: { path: { id } } }))
    } catch (error) {
      throw isKind(error, 'rate-limited') ? new PageError('copies.limit', error.message) : error
    }
  }
  const download = async (archiveId: string) => {
    const params = { path: { id, archiveId } }
    const { url } = await bodyOf(api.GET('/v1/sites/{id}/archives/{archiveId}/download', { params }))
    // An attachment: the page stays.
    location.assign(url)
  }
  return (
    <Panel title={t('copies.title')}>
      <p className="quiet-text">{t('copies.lead')}</p>
      {isCopying ? <Notice>{t('copies.under-way')}</Notice> : null}
      {outcome === undefined ? null : (
        <Notice tone={outcome === 'done' ? 'good' : 'danger'}>{t(`copies.${outcome}`)}</Notice>
      )}
      <Loaded query={query}>
        {(copies) =>
          copies.length === 0 ? (
            <Empty>{t('copies.none')}</Empty>
          ) : (
            <Table
              caption={t('copies.title')}
              columns={[
                {
                  title: t('copies.when'),
                  cell: ({ at, kind, bytes, pausedMilliseconds: pause }) => (
                    <>
                      {format.instant(at)}
                      <small>{`${format.bytes(bytes)}, ${t(`copies.${kind}`)}`}</small>
                      {pause === null ? null : (
                        <small>{t('copies.paused', { seconds: format.number(Math.round(pause / 100) / 10) })}</small>
                      )}
                    </>
                  ),
                },
                {
                  title: t('copies.download'),
                  look: 'number',
                  cell: (copy) => (
                    <ActButton
                      aria-label={`${t('copies.download')}: ${format.instant(copy.at)}`}
                      act={() => download(copy.id)}
                    >
                      {t('copies.download')}
                    </ActButton>
                  ),
                },
              ]}
              rows={copies}
              idOf={(copy) => copy.id}
            />
          )
        }
      </Loaded>
      {site.status === 'active' || site.status === 'asleep' ? (
        <div className="panel-part">
          <ActButton isBusy={isCopying} act={take} onDone={(after) => queries.setQueryData(['site', id], after)}>
            {t('copies.take')}
          </ActButton>
          <p className="hint">{t('copies.take-hint')}</p>
        </div>
      ) : null}
    </Panel>
  )
}
