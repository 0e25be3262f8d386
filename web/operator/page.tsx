import { ApiError, api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead, useSessionOf } from '../api/query-client.ts'
import { tabStorage } from '../api/storage.ts'
import type { catalogue } from '../texts/catalogues/operator.ts'
import { LinkButton } from '../ui/button.tsx'
import { Badge } from '../ui/panel.tsx'
import { Empty, View, type ViewProps } from '../ui/state.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { useDomainNow, usePageOf } from '../ui/use-page.ts'
import type { SiteStatus as Status } from './routes.ts'

export type OperatorSession = components['schemas']['OperatorSession']

export const sessionKey = ['operator-session']

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401

/** The session; null if nobody is signed in. */
const readSession = async (): Promise<OperatorSession | null> =>
  (await bodyOf(api.GET('/v1/operator/session/present'))).session

export const useSession = () => useSessionOf(sessionKey, readSession, (session) => session?.operator.id)

export const usePermitted = (): ((operation: string) => boolean) => {
  const { data } = useSession()
  return (operation) => data?.operations.includes(operation) === true
}

/** Names plans and offers, which a session knows by id. One that the configuration lacks by now keeps its id. */
export const useNames = () => {
  const names = useSession().data?.names
  return {
    plan: (id: string): string => names?.plans[id] ?? id,
    offer: (id: string): string => names?.offers[id] ?? id,
  }
}

const placeKey = 'operator-place'

/** Remembers the view, for a sign-in that leaves the page: addresses that come back have no fragment. */
export const rememberPlace = (): void => tabStorage.setItem(placeKey, location.hash)

/** Returns to the view that was remembered, once. */
export const returnToPlace = (): void => {
  const place = tabStorage.getItem(placeKey)
  tabStorage.removeItem(placeKey)
  if (place?.startsWith('#/') && location.hash.length <= 2) location.replace(place)
}

export const usePage = () => usePageOf<keyof typeof catalogue>()

export const useNow = (): string => useDomainNow(useSession())

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

/** How many rows a page of a list has. */
export const listSize = 50

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

export const SiteStatus = ({ status }: { readonly status: Status }) => {
  const { t } = usePage()
  return <Badge tone={tones[status]}>{t(`status.${status}`)}</Badge>
}

export const useBlueprints = (enabled = true) =>
  useRead(['blueprints'], (signal) => api.GET('/v1/operator/blueprints', { signal }), { enabled, every: 30 })

export const useRollouts = (enabled = true) =>
  useRead(['rollouts'], (signal) => api.GET('/v1/operator/rollouts', { signal }), { enabled, every: 10 })

export const useTrials = () =>
  useRead(['trials'], (signal) => api.GET('/v1/operator/trials', { signal }), { every: 30 })
