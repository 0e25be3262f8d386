import { useMutation } from '@tanstack/react-query'
import type { MouseEvent } from 'react'
import { enterSite } from '../api/client.ts'
import { LinkButton } from '../ui/button.tsx'
import { Badge } from '../ui/panel.tsx'
import { useNow, usePage } from './page.ts'
import { deadlineOf, type Site, stateOf, statusText } from './site-words.ts'

const tones = {
  awake: 'good',
  asleep: 'info',
  down: 'danger',
  building: 'info',
  failed: 'danger',
  suspended: 'warning',
  archived: 'warning',
  deleting: 'danger',
  purged: 'danger',
} as const

export const StateBadge = ({ site }: { readonly site: Site }) => {
  const { t } = usePage()
  const state = stateOf(site)
  return <Badge tone={tones[state]}>{t(`is.${state}`)}</Badge>
}

/** The state of a site in sentences, and its deadline. */
export const SiteState = ({ site }: { readonly site: Site }) => {
  const page = usePage()
  const [until, afterwards] = deadlineOf(page, site, useNow())
  return (
    <div className="site-state">
      <p>
        <Said text={statusText(page, site)} subject={site.hostname} />
      </p>
      {until === '' ? null : (
        <p>
          <strong>{until}</strong> <Said text={afterwards} subject={site.hostname} />
        </p>
      )}
    </div>
  )
}

const isPlainClick = ({ button, altKey, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean =>
  button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey

/** Opens a site as its owner; in another tab, as for everybody. */
export const OpenSite = ({ site, isQuiet = false }: { readonly site: Site; readonly isQuiet?: boolean }) => {
  const { t } = usePage()
  const entering = useMutation({ mutationFn: () => enterSite(site) })
  return (
    <LinkButton
      tone={isQuiet ? 'quiet' : 'primary'}
      aria-label={isQuiet ? `${t('environments.open')}: ${site.environment?.name ?? site.name}` : undefined}
      href={site.url}
      data-busy={entering.isPending ? '' : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return
        event.preventDefault()
        if (!entering.isPending) entering.mutate()
      }}
    >
      {t(isQuiet ? 'environments.open' : 'site.open')}
    </LinkButton>
  )
}

interface SaidProps {
  readonly text: string
  /** What a mail about it is about, such as a site's hostname. */
  readonly subject: string
}

/** A text; words in brackets become a link that mails us. What separates the parts of such a link is quoted (RFC 6068). */
export const Said = ({ text, subject }: SaidProps) => {
  const { settings } = usePage()
  const to = settings.contact.replace(/^.*(?=@)/, encodeURIComponent)
  const href = `mailto:${to}?subject=${encodeURIComponent(subject)}`
  // `split` returns the captured words at odd places.
  return text.split(/\[(.+?)\]/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <a key={part} href={href} title={settings.contact}>
        {part}
      </a>
    ),
  )
}
