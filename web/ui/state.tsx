import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react'
import { ApiError } from '../api/client.ts'
import type { ui } from '../texts/catalogues/ui.ts'
import { Button } from './button.tsx'
import { usePageOf } from './use-page.ts'

type StateKind = 'loading' | 'slow' | 'empty' | 'failed' | 'forbidden' | 'gone'

const kindOf = (error: unknown): StateKind => {
  const status = error instanceof ApiError ? error.status : 0
  if (status === 403) return 'forbidden'
  return status === 404 || status === 410 ? 'gone' : 'failed'
}

const slowAfterMilliseconds = 4000

const useSlow = (): boolean => {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowAfterMilliseconds)
    return () => clearTimeout(timer)
  }, [])
  return isSlow
}

const Loading = () => {
  const { t } = usePageOf<keyof typeof ui>()
  return (
    <div className="skeleton" role="status">
      <span className="bone" aria-hidden="true" />
      <span className="bone" aria-hidden="true" />
      {useSlow() ? <p>{t('state.slow')}</p> : <p className="unseen">{t('state.loading')}</p>}
    </div>
  )
}

interface QueryState {
  readonly error: unknown
  readonly refetch: () => unknown
}

interface StateProps {
  /** A query without data. */
  readonly query: QueryState
}

/** What a view shows while it has no data: loading, slow, failed, forbidden or gone. */
export const State = ({ query }: StateProps) => {
  const { t, sayProblem } = usePageOf<keyof typeof ui>()
  if (query.error === null) return <Loading />
  const kind = kindOf(query.error)
  return (
    <div className="state" role="alert">
      <h2>{t(`state.${kind}`)}</h2>
      <p>{kind === 'gone' ? t('state.gone-text') : sayProblem(query.error)}</p>
      {kind === 'failed' ? <Button onClick={() => query.refetch()}>{t('state.retry')}</Button> : null}
    </div>
  )
}

/** What stands in place of a whole page that does not exist any more. */
export const GonePage = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <div className="state" role="alert">
    <h1>{title}</h1>
    <p>{children}</p>
  </div>
)

export const Empty = ({ children }: { readonly children?: ReactNode }) => {
  const { t } = usePageOf<keyof typeof ui>()
  return (
    <div className="state">
      <h2>{t('state.empty')}</h2>
      {children}
    </div>
  )
}

/** Above data that could not be refreshed. */
export const Stale = ({ isStale }: { readonly isStale: boolean }) => {
  const { t } = usePageOf<keyof typeof ui>()
  return (
    <p className="stale" role="status">
      {isStale ? t('state.stale') : null}
    </p>
  )
}

interface LoadedProps<Data> {
  readonly query: QueryState & { readonly data: Data | undefined; readonly isError: boolean }
  readonly children?: (data: Data) => ReactNode
}

/** What a query has loaded, or why there is nothing, and whether it may be out of date. */
export const Loaded = <Data,>({ query, children }: LoadedProps<Data>) =>
  query.data === undefined ? (
    <State query={query} />
  ) : (
    <>
      <Stale isStale={query.isError} />
      {children?.(query.data)}
    </>
  )

export interface ViewProps<Data> extends LoadedProps<Data> {
  readonly title: string
  readonly aside?: ReactNode
  /** What stays while the query has no data, such as filters. */
  readonly head?: ReactNode
}

/** Begins a view at its top. On the way back, the browser then restores the scroll position. */
export const useTop = (): void =>
  // In new browsers, `scrollTo` returns a promise, which React would take for the effect's cleanup.
  useLayoutEffect(() => void scrollTo(0, 0), [])

export const View = <Data,>({ title, aside, head, ...loaded }: ViewProps<Data>) => {
  useTop()
  return (
    <div className="view">
      <div className="view-head">
        <h1>{title}</h1>
        {aside}
      </div>
      {head}
      <Loaded {...loaded} />
    </div>
  )
}
