import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Badge, Disclosure, Facts, Output, Panel } from '../ui/panel.tsx'
import { Empty, Loaded } from '../ui/state.tsx'
import { foldOperations } from './fold-operations.ts'
import { usePage } from './page.ts'
import { hashOf } from './routes.ts'
import { Pages } from './view.tsx'

type Entry = components['schemas']['Timeline']['entries'][number]
interface EntryProps {
  readonly entry: Entry
  /** Instead of its details. */
  readonly children?: ReactNode
}

const pageSize = 20

const TimelineEntry = ({ entry: { at, kind, title, who, details }, children }: EntryProps) => {
  const { t, format } = usePage()
  const actor = who.kind === 'operator' ? `${t('role.operator')} ${who.operatorId}` : t(`who.${who.kind}`)
  const { reason, ...others } = details
  const known = Object.entries(others).filter(([, value]) => value !== null)
  return (
    <li data-kind={kind}>
      <strong lang="en">{title}</strong> {kind === 'event' ? null : <Badge>{t(`kind.${kind}`)}</Badge>}
      <p className="quiet-text">
        <time dateTime={at}>{format.instant(at)}</time> · {actor}
      </p>
      {typeof reason === 'string' ? <p>{t('timeline.reason', { reason })}</p> : null}
      {children}
      {children !== undefined || known.length === 0 ? null : (
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

/** An operation in one row, with its steps to open. A failure within it stays in sight. */
const TimelineRow = ({ entries }: { readonly entries: readonly Entry[] }) => {
  const { t, format } = usePage()
  const [newest, ...others] = entries
  if (newest === undefined) return null
  if (others.length === 0) return <TimelineEntry entry={newest} />
  const failure = entries.find(({ kind }) => kind === 'failure')
  const seconds = (Date.parse(newest.at) - Date.parse(others.at(-1)?.at ?? newest.at)) / 1000
  // The last step of a build ends it, and says only what was done last.
  const title = others.at(-1)?.type === 'SiteRequested' ? t('timeline.build') : newest.title
  // Who began it, and why.
  const reason = entries.find(({ details }) => typeof details['reason'] === 'string')?.details['reason']
  const began = { who: others.at(-1)?.who ?? newest.who, details: { ...newest.details, reason } }
  const folded = {
    ...newest,
    ...began,
    title,
    kind: failure === undefined ? ('operation' as const) : ('failure' as const),
  }
  return (
    <TimelineEntry entry={folded}>
      {failure === undefined ? null : <p lang="en">{failure.title}</p>}
      <Disclosure title={t('timeline.steps', { count: entries.length, duration: format.duration(seconds) })}>
        <ol className="timeline">
          {entries.map((entry) => (
            <TimelineEntry key={entry.id} entry={entry} />
          ))}
        </ol>
      </Disclosure>
    </TimelineEntry>
  )
}

/** What happened to a site, newest first, a page at a time. */
export const SiteTimeline = ({ id, cursor }: { readonly id: string; readonly cursor: string | undefined }) => {
  const { t } = usePage()
  const asked = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }
  const query = useQuery({
    queryKey: ['timeline', id, asked],
    queryFn: ({ signal }) =>
      bodyOf(api.GET('/v1/operator/sites/{id}/timeline', { params: { path: { id }, query: asked }, signal })),
  })
  const pageOf = (at: string | undefined) => hashOf({ name: 'site', id, part: 'timeline', cursor: at })
  return (
    <Loaded query={query}>
      {({ entries, cursor: next }) => (
        <Panel title={t('part.timeline')}>
          {entries.length === 0 ? <Empty /> : null}
          <ol className="timeline">
            {foldOperations(entries).map((folded) => (
              <TimelineRow key={folded[0]?.id} entries={folded} />
            ))}
          </ol>
          <Pages present={cursor} next={next} hrefOf={pageOf} />
        </Panel>
      )}
    </Loaded>
  )
}

/** Why a site did not start, with what its containers wrote. */
export const SiteFailures = ({ id }: { readonly id: string }) => {
  const { t, format } = usePage()
  const query = useQuery({
    queryKey: ['failures', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/sites/{id}/failures', { params: { path: { id } }, signal })),
  })
  return (
    <Loaded query={query}>
      {({ failures }) => (
        <div className="view">
          {failures.length === 0 ? <Empty>{t('failure.none')}</Empty> : null}
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
                  <div key={name} className="panel-part">
                    <h3>{t('failure.output', { name })}</h3>
                    <Output label={t('failure.output', { name })}>{lines.join('\n')}</Output>
                  </div>
                ),
              )}
            </Panel>
          ))}
        </div>
      )}
    </Loaded>
  )
}
