import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, isKind, readEveryPage } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { ActButton, Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { PageError } from '../ui/use-page.ts'
import { useMay, usePage, useUpdateSite } from './page.ts'
import { isLive, type Site } from './site-words.ts'

type Work = 'copy' | 'restore-copy'

interface Ended {
  readonly work: Work
  readonly outcome: 'done' | 'failed'
}

/** How the last copy or restore of this visit ended, by the list: both add a copy. Undefined before its end. */
const useEnded = (work: Work | undefined, isListed: boolean, newest?: string | null): Ended | undefined => {
  const [known, setKnown] = useState<{ readonly before?: string | null; readonly work?: Work; readonly ended?: Ended }>(
    {},
  )
  const { before } = known
  // A short copy ends before the list is there again: the list from before the copy will do.
  if (work !== undefined && newest !== undefined && before === undefined) setKnown({ before: newest, work })
  if (work === undefined && isListed && newest !== undefined && before !== undefined && known.work !== undefined)
    setKnown({ ended: { work: known.work, outcome: newest === before ? 'failed' : 'done' } })
  return work === undefined ? known.ended : undefined
}

const endedTexts = {
  copy: { done: 'copies.done', failed: 'copies.failed' },
  'restore-copy': { done: 'copies.put-back-done', failed: 'copies.put-back-failed' },
} as const

/** What happens in order. The API does not say how far a copy is. */
const workSteps = {
  copy: ['copies.step-pause', 'copies.step-copy', 'copies.step-verify'],
  'restore-copy': ['copies.step-pause', 'copies.step-keep', 'copies.step-restore'],
} as const

/** Says until when the day's copies are used up. */
const withLimit = <Answer,>(answer: Promise<Answer>): Promise<Answer> =>
  answer.catch((error: unknown) => {
    throw isKind(error, 'rate-limited')
      ? new PageError('copies.limit', error.message, error.problem.retryAfterSeconds)
      : error
  })

type Copy = components['schemas']['Archive']

/** All copies: a plan keeps some dozens. */
const readCopies = async (id: string, signal: AbortSignal) => {
  const read = (more: object) => {
    const params = { path: { id }, query: { limit: 100, ...more } }
    return bodyOf(api.GET('/v1/sites/{id}/archives', { params, signal }))
  }
  const pages = await readEveryPage(read)
  return { schedule: pages[0]?.schedule ?? null, archives: pages.flatMap(({ archives }) => archives) }
}

const RestoreDialog = ({ site, copy, onClose }: Readonly<{ site: Site; copy: Copy; onClose: () => void }>) => {
  const { t, format } = usePage()
  const update = useUpdateSite(site.id)
  // A repeated press restores once.
  const [key] = useState(() => crypto.randomUUID())
  const restoring = useMutation({
    mutationFn: () => {
      const params = { path: { id: site.id, archiveId: copy.id }, header: { 'idempotency-key': key } }
      return withLimit(bodyOf(api.POST('/v1/sites/{id}/archives/{archiveId}/restore', { params })))
    },
    onSuccess: async (after) => {
      await update(after)
      onClose()
    },
  })
  const consequences = [
    t('copies.put-back-data', { at: format.instant(copy.at) }),
    t('copies.put-back-safe'),
    t('copies.put-back-pause'),
  ]
  return (
    <Dialog
      title={t('copies.put-back-title', { name: copy.name })}
      isOpen
      isBusy={restoring.isPending}
      onClose={onClose}
    >
      <ul className="consequences">
        {consequences.map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <Failure error={restoring.error} />
      <div className="actions">
        <Button tone="danger" isBusy={restoring.isPending} onClick={() => restoring.mutate()}>
          {t('copies.put-back')}
        </Button>
        <Button tone="quiet" isDisabled={restoring.isPending} onClick={onClose}>
          {t('parts.cancel')}
        </Button>
      </div>
    </Dialog>
  )
}

const Schedule = ({ schedule }: { readonly schedule: components['schemas']['CopySchedule'] }) => {
  const { t, format } = usePage()
  if (schedule === null) return null
  const { everyHours, hour, keep, nextAt } = schedule
  return (
    <p className="quiet-text">
      {t('copies.scheduled', { hours: format.hours(everyHours), hour, keep })}{' '}
      {nextAt === null ? null : t('copies.next', { at: format.instant(nextAt) })}
    </p>
  )
}

/** The verified copies of a site's data. */
export const SiteCopies = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const may = useMay()
  const { id } = site
  const update = useUpdateSite(id)
  const [chosen, setChosen] = useState<Copy>()
  const work = site.operation === 'copy' || site.operation === 'restore-copy' ? site.operation : undefined
  const query = useQuery({
    // The list is loaded again when a copy ends.
    queryKey: ['archives', id, work],
    queryFn: ({ signal }) => readCopies(id, signal),
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
  const isListed = query.data !== undefined && !query.isFetching
  const newest = query.data === undefined ? undefined : (query.data.archives[0]?.id ?? null)
  const ended = useEnded(work, isListed, newest)
  const [mayCopy, mayRestore] = [may('copySite'), may('restoreArchive', site)].map((isIt) => isIt && isLive(site))
  const take = () => withLimit(bodyOf(api.POST('/v1/sites/{id}/archives', { params: { path: { id } } })))
  const isEmpty = query.data?.archives.length === 0 && work === undefined
  const takePart = mayCopy ? (
    <div className="panel-part">
      <ActButton isDisabled={work !== undefined} act={take} onDone={update}>
        {t('copies.take')}
      </ActButton>
      <p className="hint">{t('copies.take-hint')}</p>
    </div>
  ) : null
  const download = async (archiveId: string) => {
    const params = { path: { id, archiveId } }
    const { url } = await bodyOf(api.GET('/v1/sites/{id}/archives/{archiveId}/download', { params }))
    // An attachment: the page stays.
    location.assign(url)
  }
  return (
    <Panel title={t('copies.title')}>
      <p className="quiet-text">{t('copies.lead')}</p>
      <Schedule schedule={query.data?.schedule ?? null} />
      {work === undefined ? null : (
        <Notice title={t(`copies.${work}-under-way`)}>
          <ol>
            {workSteps[work].map((step) => (
              <li key={step}>{t(step)}</li>
            ))}
          </ol>
        </Notice>
      )}
      {ended === undefined ? null : (
        <Notice tone={ended.outcome === 'done' ? 'good' : 'danger'}>{t(endedTexts[ended.work][ended.outcome])}</Notice>
      )}
      <Loaded query={query}>
        {({ archives: copies }) =>
          copies.length === 0 ? (
            work === undefined && (
              <div className="state">
                <p>{t('copies.none')}</p>
                {takePart}
              </div>
            )
          ) : (
            <Table
              caption={t('copies.title')}
              columns={[
                {
                  title: t('copies.name'),
                  cell: ({ name, at, kind, bytes, pausedMilliseconds: pause }) => (
                    <>
                      {format.instant(at)}
                      <small>{`${format.bytes(bytes)}, ${t(`copies.${kind}`)}`}</small>
                      {pause === null ? null : (
                        <small>{t('copies.paused', { seconds: format.number(Math.round(pause / 100) / 10) })}</small>
                      )}
                      <small>{name}</small>
                    </>
                  ),
                },
                {
                  title: t('copies.use'),
                  variant: 'number',
                  cell: (copy) => (
                    <div className="actions">
                      {may('linkToArchive') ? (
                        <ActButton of={format.instant(copy.at)} act={() => download(copy.id)}>
                          {t('copies.download')}
                        </ActButton>
                      ) : null}
                      {mayRestore ? (
                        <Button
                          tone="quiet"
                          of={format.instant(copy.at)}
                          isDisabled={site.operation !== null}
                          onClick={() => setChosen(copy)}
                        >
                          {t('copies.put-back')}
                        </Button>
                      ) : null}
                    </div>
                  ),
                },
              ]}
              rows={copies}
              idOf={(copy) => copy.id}
            />
          )
        }
      </Loaded>
      {chosen === undefined ? null : <RestoreDialog site={site} copy={chosen} onClose={() => setChosen(undefined)} />}
      {isEmpty ? null : takePart}
    </Panel>
  )
}
