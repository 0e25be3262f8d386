import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { useTexts } from '../texts/texts.ts'
import { Badge, Disclosure, Panel } from '../ui/panel.tsx'
import { Empty, Loaded } from '../ui/state.tsx'
import { Pages, useNames, usePage } from './page.tsx'
import { hashOf } from './routes.ts'
import { foldOperations, sayHappened } from './site-records.ts'

type Entry = components['schemas']['Timeline']['entries'][number]
const pageSize = 20

/** What was different before the first of these entries, newest first, and after the last: `Awake → Suspended`. */
const useMoves = () => {
  const { t, find } = usePage()
  const names = useNames()
  const textOf = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  return (entries: readonly Entry[]): readonly string[] => {
    const known = entries.filter(({ details }) => details['status'] !== undefined)
    const [after, before] = [known[0]?.details ?? {}, known.at(-1)?.details ?? {}]
    const version = ({ blueprint }: Entry['details']) =>
      typeof blueprint === 'object' && blueprint !== null && 'version' in blueprint
        ? textOf(blueprint.version)
        : undefined
    const status = (value: unknown) => find(`status.${value}`)
    const plan = (value: unknown) => textOf(value) && names.plan(String(value))
    const moves = [
      [status(before['previousStatus']), status(after['status'])],
      [plan(before['previousPlan']), plan(after['plan'])],
      [version(before), version(after)].map((of) => of && t('timeline.version', { version: of })),
    ]
    return moves.flatMap(([from, to]) =>
      from && to && from !== to ? [t('act.change', { before: from, after: to })] : [],
    )
  }
}

interface EntryProps {
  readonly entry: Entry
  /** Those beside it. */
  readonly events?: readonly Entry[] | undefined
  /** The entries that it stands for, newest first. */
  readonly of?: readonly Entry[]
  /** Instead of what it says. */
  readonly title?: string | undefined
  /** Instead of its details. */
  readonly children?: ReactNode
}

const TimelineEntry = ({ entry, events, of = [entry], title, children }: EntryProps) => {
  const { t, format, find } = usePage()
  const texts = useTexts()
  const { at, kind, who, details } = entry
  const moves = useMoves()(of)
  // Histories hold no names: they outlive them.
  const actor = who.kind === 'operator' ? `${t('role.operator')} (${t(`role.${who.role}`)})` : t(`who.${who.kind}`)
  const mail = kind === 'mail' ? find(`mail-status.${details['status']}`) : undefined
  const { reason, ...others } = details
  const known = Object.entries(others).filter(([, value]) => value !== null)
  return (
    <li data-kind={kind}>
      <strong>{title ?? sayHappened(texts, entry, events)}</strong>{' '}
      {kind === 'event' ? null : <Badge>{mail ?? t(`kind.${kind}`)}</Badge>}
      {moves.length === 0 ? null : <p>{moves.join(' · ')}</p>}
      <p className="quiet-text">
        <time dateTime={at}>{format.instant(at)}</time> ·{' '}
        <span title={who.kind === 'operator' ? who.operatorId : undefined}>{actor}</span>
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

/** Names an operation by its begin, and says what it came to if it did not simply succeed. */
const useOperationTitle = () => {
  const { t, find } = usePage()
  return (newest: Entry, oldest: Entry): string | undefined => {
    if (oldest.type === 'SiteRequested') return t('timeline.build')
    const name = find(`operation.${oldest.details['operation'] ?? newest.details['operation']}`)
    if (name === undefined) return undefined
    const outcome = newest.type === 'SiteOperationEnded' ? newest.details['outcome'] : 'running'
    const said = outcome === 'done' ? [] : [find(`outcome.${outcome}`) ?? String(outcome)]
    return [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, ...said].join(': ')
  }
}

/** An operation in one row, with its steps to open. A failure within it stays in sight. */
const TimelineRow = ({ entries, events }: Readonly<{ entries: readonly Entry[]; events: readonly Entry[] }>) => {
  const { t, format } = usePage()
  const texts = useTexts()
  const titleOf = useOperationTitle()
  const [newest, ...others] = entries
  const oldest = others.at(-1)
  if (newest === undefined) return null
  if (oldest === undefined) return <TimelineEntry entry={newest} events={events} />
  const failure = entries.find(({ kind }) => kind === 'failure')
  const seconds = (Date.parse(newest.at) - Date.parse(oldest.at)) / 1000
  // Who began it, and why.
  const reason = entries.find(({ details }) => typeof details['reason'] === 'string')?.details['reason']
  const began = { who: oldest.who, details: { ...newest.details, reason } }
  const kind = failure === undefined ? ('operation' as const) : ('failure' as const)
  return (
    <TimelineEntry entry={{ ...newest, ...began, kind }} of={entries} title={titleOf(newest, oldest)}>
      {failure === undefined ? null : <p>{sayHappened(texts, failure)}</p>}
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
  const query = useRead(['timeline', id, asked], (signal) =>
    api.GET('/v1/operator/sites/{id}/timeline', { params: { path: { id }, query: asked }, signal }),
  )
  const pageOf = (at: string | undefined) => hashOf({ name: 'site', id, part: 'timeline', cursor: at })
  return (
    <Loaded query={query}>
      {({ entries, cursor: next }) => (
        <Panel title={t('part.timeline')}>
          {entries.length === 0 ? <Empty /> : null}
          <ol className="timeline">
            {foldOperations(entries).map((folded) => (
              <TimelineRow key={folded[0]?.id} entries={folded} events={entries} />
            ))}
          </ol>
          <Pages present={cursor} next={next} hrefOf={pageOf} />
        </Panel>
      )}
    </Loaded>
  )
}
