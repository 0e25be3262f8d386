import { useQuery } from '@tanstack/react-query'
import { LinkButton } from '../ui/button.tsx'
import { Badge } from '../ui/panel.tsx'
import { Empty, View, type ViewProps } from '../ui/state.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { usePage } from './page.ts'
import type { SiteStatus as Status } from './routes.ts'

/** A query by name that repeats, if it has an interval in seconds. */
export const useRead = <Data,>(
  name: string,
  read: (signal: AbortSignal) => Promise<Data>,
  seconds?: number,
  isEnabled = true,
) =>
  useQuery({
    enabled: isEnabled,
    queryKey: [name],
    queryFn: ({ signal }) => read(signal),
    refetchInterval: seconds === undefined ? false : seconds * 1000,
  })

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

interface ListViewProps<Row>
  extends Omit<ViewProps<{ readonly cursor?: string | undefined }>, 'children'>,
    Omit<PagesProps, 'next'> {
  readonly rows: readonly Row[] | undefined
  readonly columns: readonly Column<Row>[]
  /** Where a row goes. */
  readonly rowHref?: (row: Row) => string
  /** What an empty list says. */
  readonly none?: string
}

/** A list, a page at a time. */
export const ListView = <Row extends { readonly id: string }>(props: ListViewProps<Row>) => {
  const { rows = [], columns, rowHref, none, present, hrefOf, ...view } = props
  return (
    <View {...view}>
      {({ cursor }) => (
        <>
          {rows.length === 0 ? (
            <Empty>{none}</Empty>
          ) : (
            <section className="panel">
              <Table
                caption={view.title}
                columns={columns}
                rows={rows}
                idOf={({ id }) => id}
                {...(rowHref && { hrefOf: rowHref })}
              />
            </section>
          )}
          <Pages present={present} next={cursor} hrefOf={hrefOf} />
        </>
      )}
    </View>
  )
}

const tones = {
  building: 'info',
  ready: 'info',
  active: 'good',
  asleep: 'info',
  failed: 'danger',
  suspended: 'warning',
  archived: 'warning',
  purged: 'danger',
} as const

/** The state of a site in a word. */
export const SiteStatus = ({ status }: { readonly status: Status }) => {
  const { t } = usePage()
  return <Badge tone={tones[status]}>{t(`status.${status}`)}</Badge>
}
