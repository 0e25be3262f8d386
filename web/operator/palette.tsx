import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon, usePlaces } from './navigation.tsx'
import { offeredActs } from './offered-acts.ts'
import { usePage, usePermitted } from './page.ts'
import { useBlueprints } from './reads.ts'
import { hashOf, routeOf, searchOf } from './routes.ts'

interface Choice {
  readonly group: 'acts' | 'sites' | 'leads' | 'blueprints' | 'views'
  readonly id: string
  readonly text: string
  readonly detail?: string | null | undefined
  readonly run: () => void
}

const go = (hash: string) => () => {
  location.hash = hash
}

const mostOfGroup = 6
const pauseMilliseconds = 150

/** What was typed, once nobody has typed for a moment. */
const useSettled = (text: string): string => {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMilliseconds)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

const useSites = (text: string): readonly Choice[] => {
  const isPermitted = usePermitted()
  const asked = { ...searchOf(text), limit: mostOfGroup }
  const { data } = useQuery({
    queryKey: ['palette-sites', asked],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/sites', { params: { query: asked }, signal })),
    enabled: text.length > 1 && isPermitted('operatorListSites'),
    placeholderData: keepPreviousData,
  })
  if (text.length < 2) return []
  return (data?.sites ?? []).map(({ id, name, hostname }) => ({
    ...{ group: 'sites', id, text: name ?? id, detail: hostname },
    run: go(hashOf({ name: 'site', id, part: 'facts' })),
  }))
}

/** The leads with the highest scores. */
const useLeads = (): readonly Choice[] => {
  const isPermitted = usePermitted()
  const { data } = useQuery({
    queryKey: ['palette-leads'],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/leads', { params: { query: { limit: 100 } }, signal })),
    enabled: isPermitted('operatorListLeads'),
  })
  return (data?.leads ?? []).map(({ id, name, email, company }) => ({
    ...{ group: 'leads', id, text: name ?? email ?? id, detail: company ?? (name === null ? null : email) },
    run: go(hashOf({ name: 'lead', id })),
  }))
}

const controls = [
  ['operatorPullBrake', 'overview.brake', { name: 'overview' }],
  ['operatorSetTrials', 'trials.title', { name: 'overview' }],
  ['operatorStartRollout', 'rollout.start', { name: 'rollouts' }],
  ['operatorReconcileBilling', 'reconciliation.start', { name: 'billing' }],
] as const

/** What can be found without the site search, which the API answers. */
const useKnown = (): readonly Choice[] => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const leads = useLeads()
  const { data } = useBlueprints(isPermitted('operatorListBlueprints'))
  const blueprints = (data?.blueprints ?? []).map(
    ({ name }): Choice => ({ group: 'blueprints', id: name, text: name, run: go(hashOf({ name: 'blueprints' })) }),
  )
  const places = usePlaces().flatMap((group) => group.places)
  return [
    ...offeredActs().map(
      ({ text, detail, run }): Choice => ({ group: 'acts', id: `${text} ${detail}`, text, detail, run }),
    ),
    ...controls.flatMap(([operation, key, place]): Choice[] => {
      const detail = t(`nav.${place.name}`)
      const isHere = routeOf(location.hash).name === place.name
      return isPermitted(operation) && !isHere
        ? [{ group: 'acts', id: key, text: t(key), detail, run: go(hashOf(place)) }]
        : []
    }),
    ...places.map((place): Choice => {
      return { group: 'views', id: place.name, text: t(`nav.${place.name}`), run: go(hashOf(place)) }
    }),
    ...leads,
    ...blueprints,
  ]
}

const groups = ['sites', 'leads', 'blueprints', 'acts', 'views'] as const

const Search = ({ onDone }: { readonly onDone: () => void }) => {
  const { t } = usePage()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const words = text.toLowerCase().split(/\s+/)
  const known = new Map(useKnown().map((one) => [idOf(one), one]))
  const fits = ({ text: name, detail }: Choice) =>
    words.every((word) => `${name} ${detail}`.toLowerCase().includes(word))
  const found = [...useSites(useSettled(text.trim())), ...[...known.values()].filter(fits)]
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
