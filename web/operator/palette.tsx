import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Finder, type Found } from '../ui/finder.tsx'
import { Icon, usePlaces } from './navigation.tsx'
import { offeredActs } from './offered-acts.ts'
import { useBlueprints, usePage, usePermitted } from './page.tsx'
import { hashOf, type Route, routeOf, searchOf } from './routes.ts'

interface Choice extends Found {
  readonly group: 'acts' | 'sites' | 'leads' | 'blueprints' | 'views'
  readonly run: () => void
}

const maxOfGroup = 6

const controls = [
  ['operatorPullBrake', 'overview.brake', { name: 'overview' }],
  ['operatorSetTrials', 'trials.title', { name: 'overview' }],
  ['operatorStartRollout', 'rollout.start', { name: 'rollouts' }],
  ['operatorReconcileBilling', 'reconciliation.start', { name: 'billing' }],
] as const

const useFound = (text: string): readonly Choice[] => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const asked = { ...searchOf(text), limit: maxOfGroup }
  const sites = useQuery({
    queryKey: ['palette-sites', asked],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/sites', { params: { query: asked }, signal })),
    enabled: text.length > 1 && isPermitted('operatorListSites'),
    placeholderData: keepPreviousData,
  })
  // Those with the highest scores.
  const leads = useRead(
    ['palette-leads'],
    (signal) => api.GET('/v1/operator/leads', { params: { query: { limit: 100 } }, signal }),
    { enabled: isPermitted('operatorListLeads') },
  )
  const blueprints = useBlueprints(isPermitted('operatorListBlueprints'))
  const choice = (group: Choice['group'], id: string, name: string, route: Route, detail?: string | null): Choice => ({
    ...{ group, id: `${group}-${id}`.replaceAll(' ', '-'), text: name, detail: detail ?? '' },
    run: () => location.assign(hashOf(route)),
  })
  const known = [
    ...offeredActs().map(
      (act): Choice => ({ group: 'acts', id: `${act.text}-${act.detail}`.replaceAll(' ', '-'), ...act }),
    ),
    ...controls.flatMap(([operation, key, place]) => {
      const isOffered = isPermitted(operation) && routeOf(location.hash).name !== place.name
      return isOffered ? [choice('acts', key, t(key), place, t(`nav.${place.name}`))] : []
    }),
    ...usePlaces()
      .flatMap(({ places }) => places)
      .map((place) => choice('views', place.name, t(`nav.${place.name}`), place)),
    ...(leads.data?.leads ?? []).map(({ id, name, email, company }) =>
      choice('leads', id, name ?? email ?? id, { name: 'lead', id }, company ?? (name === null ? null : email)),
    ),
    ...(blueprints.data?.blueprints ?? []).map(({ name }) => choice('blueprints', name, name, { name: 'blueprints' })),
  ]
  const words = text.toLowerCase().split(/\s+/)
  const fits = (one: Choice) => words.every((word) => `${one.text} ${one.detail ?? ''}`.toLowerCase().includes(word))
  const found = (text.length < 2 ? [] : (sites.data?.sites ?? [])).map(({ id, name, hostname }) =>
    choice('sites', id, name ?? id, { name: 'site', id, part: 'facts' }, hostname),
  )
  // Until the answer is there, those that still fit: Enter takes the first one.
  const sitesNow = sites.isPlaceholderData ? found.filter(fits) : found
  // Two rows of a page may offer the same act.
  return [...new Map([...sitesNow, ...known.filter(fits)].map((one) => [one.id, one])).values()]
}

const groups = ['sites', 'leads', 'blueprints', 'acts', 'views'] as const

const Search = ({ onDone }: { readonly onDone: () => void }) => {
  const { t } = usePage()
  const [text, setText] = useState('')
  const found = useFound(useDeferredValue(text.trim()))
  const shown = groups
    .filter((group) => text !== '' || group === 'acts' || group === 'views')
    .map((group) => ({
      name: t(`palette.${group}`),
      choices: found.filter((one) => one.group === group).slice(0, text === '' ? 20 : maxOfGroup),
    }))
  return (
    <Finder
      label={t('palette.label')}
      placeholder={t('palette.open')}
      none={t('palette.none')}
      icon={<Icon of="search" />}
      text={text}
      onText={setText}
      groups={shown.filter(({ choices }) => choices.length > 0)}
      onChoose={({ run }) => {
        onDone()
        run()
      }}
    />
  )
}

const isTyping = ({ target }: Event): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')

/** Finds sites, leads, blueprints, acts and views: Ctrl+K anywhere, or / where nobody types. */
export const Palette = () => {
  const { t } = usePage()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const isCommand = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
      const isSlash = event.key === '/' && !isTyping(event) && document.querySelector('.dialog') === null
      if (!isCommand && !isSlash) return
      event.preventDefault()
      const field = document.querySelector<HTMLElement>('main [type="search"]')
      if (isSlash && field !== null) field.focus()
      else setOpen(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <button type="button" className="button quiet palette-button" onClick={() => setOpen(true)}>
        <Icon of="search" />
        <span>{t('palette.open')}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Dialog title={t('palette.label')} variant="palette" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Search onDone={() => setOpen(false)} />
      </Dialog>
    </>
  )
}
