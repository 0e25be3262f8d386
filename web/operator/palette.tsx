import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useDeferredValue, useEffect, useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon, usePlaces } from './navigation.tsx'
import { offeredActs } from './offered-acts.ts'
import { usePage, usePermitted } from './page.ts'
import { useBlueprints } from './reads.ts'
import { hashOf, type Route, routeOf, searchOf } from './routes.ts'

interface Choice {
  readonly group: 'acts' | 'sites' | 'leads' | 'blueprints' | 'views'
  readonly id: string
  readonly text: string
  readonly detail?: string | undefined
  readonly run: () => void
}

const mostOfGroup = 6

const controls = [
  ['operatorPullBrake', 'overview.brake', { name: 'overview' }],
  ['operatorSetTrials', 'trials.title', { name: 'overview' }],
  ['operatorStartRollout', 'rollout.start', { name: 'rollouts' }],
  ['operatorReconcileBilling', 'reconciliation.start', { name: 'billing' }],
] as const

const useFound = (text: string): readonly Choice[] => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const asked = { ...searchOf(text), limit: mostOfGroup }
  const sites = useQuery({
    queryKey: ['palette-sites', asked],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/sites', { params: { query: asked }, signal })),
    enabled: text.length > 1 && isPermitted('operatorListSites'),
    placeholderData: keepPreviousData,
  })
  // Those with the highest scores.
  const leads = useQuery({
    queryKey: ['palette-leads'],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/leads', { params: { query: { limit: 100 } }, signal })),
    enabled: isPermitted('operatorListLeads'),
  })
  const blueprints = useBlueprints(isPermitted('operatorListBlueprints'))
  const choice = (group: Choice['group'], id: string, name: string, route: Route, detail?: string | null): Choice => ({
    ...{ group, id, text: name, detail: detail ?? '' },
    run: () => location.assign(hashOf(route)),
  })
  const known = [
    ...offeredActs().map((act): Choice => ({ group: 'acts', id: `${act.text} ${act.detail}`, ...act })),
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
  const fits = (one: Choice) => words.every((word) => `${one.text} ${one.detail}`.toLowerCase().includes(word))
  const found = (text.length < 2 ? [] : (sites.data?.sites ?? [])).map(({ id, name, hostname }) =>
    choice('sites', id, name ?? id, { name: 'site', id, part: 'facts' }, hostname),
  )
  // Two rows of a page may offer the same act.
  return [...new Map([...found, ...known.filter(fits)].map((one) => [idOf(one), one])).values()]
}

const groups = ['sites', 'leads', 'blueprints', 'acts', 'views'] as const

const Search = ({ onDone }: { readonly onDone: () => void }) => {
  const { t } = usePage()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const found = useFound(useDeferredValue(text.trim()))
  const shown = groups
    .filter((group) => text !== '' || group === 'acts' || group === 'views')
    .map((group) => ({
      group,
      choices: found.filter((one) => one.group === group).slice(0, text === '' ? 20 : mostOfGroup),
    }))
    .filter(({ choices }) => choices.length > 0)
  const choices = shown.flatMap((one) => one.choices)
  const active = choices[Math.min(at, choices.length - 1)]
  const choose = (choice: Choice | undefined) => {
    if (choice === undefined) return
    onDone()
    choice.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined && event.key !== 'Enter') return
    event.preventDefault()
    if (step === undefined) return choose(active)
    const next = (at + step + choices.length) % Math.max(1, choices.length)
    setAt(next)
    document.getElementById(idOf(choices[next]))?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <>
      <div className="palette-field">
        <Icon of="search" />
        <input
          type="text"
          role="combobox"
          aria-label={t('palette.label')}
          aria-expanded={choices.length > 0}
          aria-controls="palette-list"
          aria-activedescendant={active && idOf(active)}
          placeholder={t('palette.open')}
          autoComplete="off"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the dialog was opened to type here.
          autoFocus
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="palette-list" className="palette-list" role="listbox" aria-label={t('palette.label')}>
        {shown.map(({ group, choices: ofGroup }) => (
          // biome-ignore lint/a11y/useSemanticElements: a list of options has groups, not field sets.
          <div key={group} role="group" aria-label={t(`palette.${group}`)}>
            <p aria-hidden="true">{t(`palette.${group}`)}</p>
            {ofGroup.map((choice) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field above keeps the focus and takes the keys.
              // biome-ignore lint/a11y/useFocusableInteractive: as above.
              <div
                key={choice.id}
                id={idOf(choice)}
                role="option"
                aria-selected={choice === active}
                onClick={() => choose(choice)}
              >
                <span>{choice.text}</span>
                <small>{choice.detail}</small>
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className="palette-none" role="status">
        {choices.length === 0 ? t('palette.none') : ''}
      </p>
    </>
  )
}

const idOf = (choice: Choice | undefined): string => `choice-${choice?.group}-${choice?.id.replaceAll(' ', '-')}`

const isTyping = ({ target }: Event): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')

/** Finds sites, leads, blueprints, acts and views: Ctrl+K anywhere, or / where nobody types. */
export const Palette = () => {
  const { t } = usePage()
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      const isCommand = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k'
      const isSlash = event.key === '/' && !isTyping(event) && document.querySelector('[role="dialog"]') === null
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
      <Dialog title={t('palette.label')} look="palette" isOpen={isOpen} onClose={() => setOpen(false)}>
        <Search onDone={() => setOpen(false)} />
      </Dialog>
    </>
  )
}
