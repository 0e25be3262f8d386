import { useQuery } from '@tanstack/react-query'
import type { ComponentProps, ReactNode } from 'react'
import { LinkButton } from '../ui/button.tsx'
import { Loaded } from '../ui/state.tsx'
import { usePage } from './use-page.ts'

/** A query by name that repeats, if it has an interval in seconds. */
export const useRead = <Data,>(name: string, read: (signal: AbortSignal) => Promise<Data>, seconds?: number) =>
  useQuery({
    queryKey: [name],
    queryFn: ({ signal }) => read(signal),
    refetchInterval: seconds === undefined ? false : seconds * 1000,
  })

interface ViewProps<Data> extends ComponentProps<typeof Loaded<Data>> {
  readonly title: string
  readonly aside?: ReactNode
}

/** A view with its heading and what it shows of a query. */
export const View = <Data,>({ title, aside, ...loaded }: ViewProps<Data>) => (
  <div className="view">
    <div className="view-head">
      <h1>{title}</h1>
      {aside}
    </div>
    <Loaded {...loaded} />
  </div>
)

interface PagesProps {
  /** Where the present page begins; absent for the first one. */
  readonly present: string | undefined
  readonly next: string | undefined
  readonly hrefOf: (cursor: string | undefined) => string
}

/** Links to pages of a list: each replaces the one before, so a list stays short. */
export const Pages = ({ present, next, hrefOf }: PagesProps) => {
  const { t } = usePage()
  const links = [
    [t('pages.first'), undefined, present],
    [t('pages.next'), next, next],
  ] as const
  return (
    <div className="pages">
      {links.map(([text, cursor, condition]) =>
        condition === undefined ? null : (
          <LinkButton key={text} tone="quiet" href={hrefOf(cursor)}>
            {text}
          </LinkButton>
        ),
      )}
    </div>
  )
}
