import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { components } from '../../docs/api/openapi.d.ts'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Disclosure } from '../ui/disclosure.tsx'
import { Facts, Output, Panel } from '../ui/facts.tsx'
import { Badge } from '../ui/notice.tsx'
import { Empty, State } from '../ui/state.tsx'
import { usePage } from './use-page.ts'

type Entry = components['schemas']['Timeline']['entries'][number]

const pageSize = 20

const TimelineEntry = ({ entry: { at, kind, title, who, details } }: { readonly entry: Entry }) => {
  const { t, format } = usePage()
  const actor = who.kind === 'operator' ? `${t('role.operator')} ${who.operatorId}` : t(`who.${who.kind}`)
  const { reason, ...others } = details
  const known = Object.entries(others).filter(([, value]) => value !== null)
  return (
    <li data-kind={kind}>
      <strong lang="en">{title}</strong> <Badge>{t(`kind.${kind}`)}</Badge>
      <p className="quiet-text">
        <time dateTime={at}>{format.instant(at)}</time> · {actor}
      </p>
      {typeof reason === 'string' ? <p>{t('timeline.reason', { reason })}</p> : null}
      {known.length === 0 ? null : (
        <Disclosure title={t('timeline.details')}>
          <pre className="details">
            {known
              .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
              .join('\n')}
          </pre>
        </Disclosure>
      )}
    </li>
  )
}

/** What happened to a site, newest first. */
export const SiteTimeline = ({ id }: { readonly id: string }) => {
  const { t } = usePage()
  const first: string | undefined = undefined
  const query = useInfiniteQuery({
    queryKey: ['timeline', id],
    initialPageParam: first,
    queryFn: ({ pageParam, signal }: { readonly pageParam: string | undefined; readonly signal: AbortSignal }) => {
      const page = { limit: pageSize, ...(pageParam === undefined ? {} : { cursor: pageParam }) }
      const params = { path: { id }, query: page }
      return bodyOf(api.GET('/v1/operator/sites/{id}/timeline', { params, signal }))
    },
    getNextPageParam: ({ cursor }) => cursor,
  })
  if (query.data === undefined) return <State query={query} />
  const entries = query.data.pages.flatMap((page) => page.entries)
  if (entries.length === 0) return <Empty />
  return (
    <Panel title={t('part.timeline')}>
      <ol className="timeline">
        {entries.map((entry) => (
          <TimelineEntry key={entry.id} entry={entry} />
        ))}
      </ol>
      {query.hasNextPage ? (
        <Button tone="quiet" isBusy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {t('timeline.more')}
        </Button>
      ) : null}
    </Panel>
  )
}

/** Why a site did not start, with what its containers wrote. */
export const SiteFailures = ({ id }: { readonly id: string }) => {
  const { t, format } = usePage()
  const query = useQuery({
    queryKey: ['failures', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/sites/{id}/failures', { params: { path: { id } }, signal })),
  })
  if (query.data === undefined) return <State query={query} />
  const { failures } = query.data
  if (failures.length === 0) return <Empty>{t('failure.none')}</Empty>
  return (
    <div className="view">
      {failures.map(({ id: key, at, during, cause, detail, blueprint, containers }) => (
        <Panel key={key} title={t(`cause.${cause}`)} aside={<time dateTime={at}>{format.instant(at)}</time>}>
          <p lang="en">{detail}</p>
          <Facts
            facts={[
              [t('failure.during'), t(`during.${during}`)],
              [t('pool.blueprint'), t('facts.version', { name: blueprint.name, version: blueprint.version })],
              ...containers.map(
                ({ name, ends, lastEnd }) =>
                  [
                    t('failure.container', { name }),
                    t('failure.ends', { ends, code: String(lastEnd?.exitCode ?? lastEnd?.signal ?? '–') }),
                  ] as const,
              ),
            ]}
          />
          {containers.map(({ name, lines }) =>
            lines.length === 0 ? null : (
              <Disclosure key={name} title={t('failure.output', { name })}>
                <Output label={t('failure.output', { name })}>{lines.join('\n')}</Output>
              </Disclosure>
            ),
          )}
        </Panel>
      ))}
    </div>
  )
}
