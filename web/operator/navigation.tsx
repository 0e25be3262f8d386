import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { forgetAnswers } from '../api/remembering-fetch.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Badge } from '../ui/panel.tsx'
import { toast } from '../ui/toast.tsx'
import { useHash } from '../ui/use-page.ts'
import { sessionKey, usePage, usePermitted, useSession } from './page.tsx'
import { hashOf, type Route, routeOf } from './routes.ts'

/** The views by group, with the operation that each needs. */
const groups = [
  ['home', [['operatorGetOverview', { name: 'overview' }]]],
  [
    'customers',
    [
      ['operatorListSites', { name: 'sites', view: {} }],
      ['operatorListLeads', { name: 'leads', view: {} }],
      ['operatorListReports', { name: 'reports', view: {} }],
      ['operatorGetBilling', { name: 'billing' }],
    ],
  ],
  [
    'platform',
    [
      ['operatorListRollouts', { name: 'rollouts' }],
      ['operatorListBlueprints', { name: 'blueprints' }],
      ['operatorListCells', { name: 'cells' }],
      ['operatorListWebhooks', { name: 'webhooks' }],
    ],
  ],
  [
    'administration',
    [
      ['operatorListAudit', { name: 'audit', view: {} }],
      ['operatorGetSettings', { name: 'settings' }],
    ],
  ],
] as const

/** Lines on a ground of 16 × 16. */
const icons = {
  menu: 'M2 4h12M2 8h12M2 12h12',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM11 11l3.5 3.5',
  overview: 'M1.5 8 8 2l6.5 6M3.5 6.5V14h9V6.5M6.5 14v-4h3v4',
  sites: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM1.5 8h13M8 1.5c2.6 2.2 2.6 10.8 0 13-2.6-2.2-2.6-10.8 0-13',
  leads: 'M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14c.6-3 2.7-4.5 5.5-4.5s4.9 1.5 5.5 4.5',
  reports: 'M2 14V9M6 14V3M10 14V7M14 14V5',
  billing: 'M1.5 3.5h13v9h-13zM1.5 6.5h13M4 10h3',
  rollouts: 'M8 14V5M4 8.5 8 4.5l4 4M2.5 1.5h11',
  blueprints: 'M8 1.5 14.5 5 8 8.5 1.5 5zM1.5 8 8 11.5 14.5 8M1.5 11 8 14.5 14.5 11',
  cells: 'M2 2.5h12V7H2zM2 9h12v4.5H2zM4.5 4.75h1M4.5 11.25h1',
  webhooks: 'M6.5 9.5l3-3M7 4.5 8.5 3A3.2 3.2 0 0 1 13 7.5L11.5 9M9 11.5 7.5 13A3.2 3.2 0 0 1 3 8.5L4.5 7',
  audit: 'M5.5 3.5h9M5.5 8h9M5.5 12.5h9M1.5 3.5h1M1.5 8h1M1.5 12.5h1',
  settings:
    'M2 4.5h7M13 4.5h1M2 11.5h1M7 11.5h7M9 4.5a2 2 0 1 0 4 0 2 2 0 0 0-4 0ZM3 11.5a2 2 0 1 0 4 0 2 2 0 0 0-4 0Z',
} as const

export const Icon = ({ of }: { readonly of: keyof typeof icons }) => (
  <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={icons[of]} />
  </svg>
)

export const usePlaces = () => {
  const isPermitted = usePermitted()
  return groups
    .map(([group, places]) => ({
      group,
      places: places.flatMap(([operation, place]) => (isPermitted(operation) ? [place] : [])),
    }))
    .filter(({ places }) => places.length > 0)
}

const Person = () => {
  const { t, sayProblem } = usePage()
  const { data } = useSession()
  const queries = useQueryClient()
  const leaving = useMutation({
    mutationFn: () => bodyOf(api.DELETE('/v1/operator/session')),
    onSuccess: ({ signOutUrl }) => {
      forgetAnswers()
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
      history.replaceState(null, '', '#/')
      queries.setQueryData(sessionKey, null)
      if (signOutUrl !== null) location.assign(signOutUrl)
    },
    onError: (error) => toast({ text: sayProblem(error), tone: 'danger' }),
  })
  if (!data) return null
  const { email, id, role } = data.operator
  return (
    <div className="sidebar-person">
      <span>
        {email ?? id} <Badge>{t(`role.${role}`)}</Badge>
      </span>
      <a href={hashOf({ name: 'sessions' })}>{t('nav.sessions')}</a>
      <Button tone="plain" isBusy={leaving.isPending} onClick={() => leaving.mutate()}>
        {t('frame.sign-out')}
      </Button>
    </div>
  )
}

const Places = () => {
  const { t } = usePage()
  const route = routeOf(useHash())
  const lists: Partial<Record<Route['name'], Route['name']>> = { site: 'sites', lead: 'leads' }
  const current = lists[route.name] ?? route.name
  return (
    <>
      <nav className="places" aria-label={t('nav.label')}>
        {usePlaces().map(({ group, places }) => (
          <div key={group}>
            {group === 'home' ? null : <p aria-hidden="true">{t(`nav-group.${group}`)}</p>}
            <ul aria-label={t(`nav-group.${group}`)}>
              {places.map((place) => (
                <li key={place.name}>
                  <a href={hashOf(place)} aria-current={place.name === current ? 'page' : undefined}>
                    <Icon of={place.name} />
                    {t(`nav.${place.name}`)}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <Person />
    </>
  )
}

/** The views beside the page, in groups. */
export const Sidebar = () => {
  const { t } = usePage()
  return useSession().data ? (
    <aside className="sidebar" aria-label={t('nav.menu')}>
      <Places />
    </aside>
  ) : null
}

/** The same where there is no room beside the page: a button opens it. */
export const Drawer = () => {
  const { t } = usePage()
  const hash = useHash()
  const [openAt, setOpenAt] = useState<string>()
  // Another view closes it.
  const isOpen = openAt === hash
  return (
    <>
      <button
        type="button"
        className="button quiet drawer-button"
        aria-label={t('nav.menu')}
        onClick={() => setOpenAt(hash)}
      >
        <Icon of="menu" />
      </button>
      <Dialog title={t('nav.menu')} variant="drawer" isOpen={isOpen} onClose={() => setOpenAt(undefined)}>
        <Places />
      </Dialog>
    </>
  )
}
