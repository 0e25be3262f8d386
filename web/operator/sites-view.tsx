import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Chips } from '../ui/chips.tsx'
import { Field, Select } from '../ui/field.tsx'
import type { Column } from '../ui/table.tsx'
import { ListView, listSize, SiteStatus, useNames, useNow, usePage } from './page.tsx'
import { hashOf, orders, queryOf, statuses, type SitesView as View } from './routes.ts'

type Site = components['schemas']['OperatorSite']

/** A finished site without an owner is in the pool. */
const filtered = statuses.filter((status) => status !== 'ready')

/** Another view of the list begins at its first page. */
const show = (view: View): void => {
  location.hash = hashOf({ name: 'sites', view })
}

const Search = ({ view }: { readonly view: View }) => {
  const { t } = usePage()
  return (
    <form
      className="search"
      // Another search in the address, such as after "back", fills the field.
      key={view.search}
      onSubmit={(event) => {
        event.preventDefault()
        const search = String(new FormData(event.currentTarget).get('search') ?? '').trim()
        show({ status: view.status, order: view.order, search })
      }}
    >
      <Field
        label={t('sites.search')}
        name="search"
        type="search"
        enterKeyHint="search"
        defaultValue={view.search}
        hint={t('sites.search-hint')}
      />
    </form>
  )
}

/** The order is no filter: it stands beside the search. */
const Order = ({ view: { status, order = 'newest' } }: { readonly view: View }) => {
  const { t } = usePage()
  return (
    <Select
      label={t('sites.order')}
      value={order}
      options={orders.map((one) => ({ value: one, label: t(`order.${one}`) }))}
      onChange={(chosen) => show({ status, order: orders.find((one) => one === chosen) })}
    />
  )
}

const Filters = ({ view }: { readonly view: View }) => {
  const { t } = usePage()
  const { status } = view
  const chip = (text: string, chosen: View['status']) => ({
    text,
    href: hashOf({ name: 'sites', view: { status: chosen, order: view.order } }),
    isChosen: status === chosen,
  })
  return (
    <Chips
      label={t('site.status')}
      chips={[
        chip(t('sites.every'), undefined),
        ...filtered.map((one) => chip(t(`status.${one}`), one)),
        chip(t('sites.pool'), 'ready'),
      ]}
    />
  )
}

const useColumns = (status: View['status']): readonly Column<Site>[] => {
  const { t, format } = usePage()
  const now = useNow()
  const names = useNames()
  return [
    {
      title: t('site.site'),
      cell: ({ name, hostname, id }) => (
        <>
          {name ?? id}
          <small>{hostname ?? t('site.nobody')}</small>
        </>
      ),
    },
    { title: t('site.status'), variant: 'state', cell: ({ status }) => <SiteStatus status={status} /> },
    { title: t('site.plan'), from: 'medium', cell: ({ plan }) => names.plan(plan) },
    {
      title: t('site.next'),
      from: 'medium',
      cell: ({ nextStep }) =>
        nextStep === null ? (
          '–'
        ) : (
          <>
            {t(`step.${nextStep.step}`)}
            <small>{format.fromNow(nextStep.at, now)}</small>
          </>
        ),
    },
    status === 'ready'
      ? { title: t('site.created'), from: 'wide', cell: ({ createdAt }) => format.date(createdAt) }
      : {
          title: t('site.owned-since'),
          from: 'wide',
          cell: ({ ownedSince }) => (ownedSince === null ? '–' : format.date(ownedSince)),
        },
  ]
}

/** The sites of the installation, a page at a time. The address holds the search, the filter, the order and the page. */
export const SitesView = ({ view }: { readonly view: View }) => {
  const { t } = usePage()
  const columns = useColumns(view.status)
  const asked = { ...queryOf(view), limit: listSize }
  const query = useRead(['sites', asked], (signal) =>
    api.GET('/v1/operator/sites', { params: { query: asked }, signal }),
  )
  const isSearch = view.search !== undefined
  const clear = (
    <Button tone="quiet" onClick={() => show({})}>
      {t('sites.all')}
    </Button>
  )
  return (
    <ListView
      title={t('nav.sites')}
      aside={isSearch ? clear : null}
      head={
        <>
          <div className="search-line">
            <Search view={view} />
            {isSearch ? null : <Order view={view} />}
          </div>
          {isSearch ? null : <Filters view={view} />}
        </>
      }
      query={query}
      columns={columns}
      rows={query.data?.sites}
      rowHref={({ id }) => hashOf({ name: 'site', id, part: 'facts' })}
      none={t('sites.none')}
      present={view.cursor}
      hrefOf={(cursor) => hashOf({ name: 'sites', view: { ...view, cursor } })}
    />
  )
}
