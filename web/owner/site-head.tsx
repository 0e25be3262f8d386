import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { base } from '../api/client.ts'
import { LinkButton } from '../ui/button.tsx'
import { Menu } from '../ui/menu.tsx'
import { Notice } from '../ui/panel.tsx'
import { toast } from '../ui/toast.tsx'
import { dueText } from './billing-words.ts'
import { ContactDialog, RenameDialog } from './dialogs.tsx'
import { billingQuery, useMay, useNow, usePage, useUpdateSite } from './page.ts'
import { RelocationCard } from './relocation-card.tsx'
import { type SitePart, siteHash } from './routes.ts'
import { mayDelete } from './site-acts.ts'
import { ExtendEnvironment } from './site-environments.tsx'
import { OpenSite, Said, SiteState, StateBadge } from './site-state.tsx'
import { addressOf, failureText, isKept, isLive, type Site } from './site-words.ts'
import { StoppedCard, TrialCard } from './status-cards.tsx'
import { type Acting, useActing } from './use-acting.ts'

const Due = ({ site }: { readonly site: Site }) => {
  const page = usePage()
  const now = useNow()
  const { data: billing } = useQuery(billingQuery(site.id))
  const text = billing === undefined ? '' : dueText(page, billing, site, now)
  return text === '' ? null : <Notice tone="danger">{text}</Notice>
}

interface HeadProps {
  readonly site: Site
  /** The tab below. */
  readonly part: SitePart
}

/** What needs attention, and what happens to the site now. The tab of copies tells of its own operations. */
const Notices = ({ site, part }: HeadProps) => {
  const page = usePage()
  const { t, format } = page
  const may = useMay()
  const { downSince, storage, operation, failure } = site
  const reason = failure && failureText(page, failure)
  return (
    <>
      {isKept(site) && site.extension === null && may('getBilling') ? <Due site={site} /> : null}
      {downSince === null ? null : (
        <Notice tone="danger">{t('warning.down', { at: format.instant(downSince) })}</Notice>
      )}
      {storage === null ? null : <Notice tone="warning">{t(`warning.${storage}`)}</Notice>}
      {operation === null || (part === 'copies' && /copy$/.test(operation)) ? null : (
        <Notice>{t(`operation.${operation}`)}</Notice>
      )}
      {reason === undefined ? null : (
        <Notice tone="danger">
          <span lang={reason.lang}>{reason.text}</span>
        </Notice>
      )}
    </>
  )
}

/** What becomes of the site: by itself, and by what its owner can do about that. */
const Status = ({ site, acting }: { readonly site: Site; readonly acting: Acting }) => {
  const update = useUpdateSite(site.id)
  if (site.status === 'suspended' || site.status === 'archived') return <StoppedCard site={site} acting={acting} />
  return isLive(site) && site.trialEndsAt !== null ? (
    <TrialCard site={site} acting={acting} />
  ) : (
    <>
      <SiteState site={site} />
      {site.environment === undefined ? null : (
        <div className="actions">
          <ExtendEnvironment site={site} onDone={update} />
        </div>
      )}
    </>
  )
}

/** What the owner most likely wants. A site that does not run has that in its card. */
const PrimaryAct = ({ site }: { readonly site: Site }) => {
  const { t } = usePage()
  if (isLive(site)) return <OpenSite site={site} />
  if (site.status === 'building')
    return <LinkButton href={`${base()}/#/building/${site.id}`}>{t('site.progress')}</LinkButton>
  return site.failure?.again === 'trial' ? <LinkButton href={`${base()}/#/new`}>{t('state.retry')}</LinkButton> : null
}

const Others = ({ site }: { readonly site: Site }) => {
  const { t } = usePage()
  const may = useMay()
  const [asked, setAsked] = useState<'contact' | 'rename'>()
  const close = () => setAsked(undefined)
  const items = [
    may('changeSite', site) && { title: t('rename.open'), onAction: () => setAsked('rename') },
    may('getBilling') &&
      site.environment === undefined && { title: t('site.see-plans'), href: siteHash(site.id, 'plans') },
    may('requestContact') && { title: t('contact.open'), onAction: () => setAsked('contact') },
    may('deleteSite') && mayDelete(site) && { title: t('delete.open'), href: siteHash(site.id, 'settings') },
  ].filter((item) => item !== false)
  if (items.length === 0) return null
  return (
    <>
      <Menu label={t('site.more')} items={items} />
      {asked === 'contact' ? <ContactDialog siteId={site.id} onClose={close} /> : null}
      {asked === 'rename' ? <RenameDialog site={site} onClose={close} /> : null}
    </>
  )
}

/** Tells of a restore that this page has seen, once it has ended. */
const useRestored = ({ operation, status, hostname }: Site): void => {
  const { t } = usePage()
  const before = useRef(operation)
  useEffect(() => {
    const isOver = before.current === 'restore' && operation === null
    before.current = operation
    if (!isOver) return
    if (status === 'active') toast({ text: t('news.restored') })
    else toast({ text: <Said text={t('news.not-restored')} subject={hostname} />, tone: 'danger' })
  }, [operation, status, hostname, t])
}

/** The name and state of a site, what becomes of it, and what its owner can do. */
export const SiteHead = ({ site, part }: HeadProps) => {
  const { t, sayProblem } = usePage()
  const heading = useRef<HTMLHeadingElement>(null)
  const acting = useActing(site)
  useRestored(site)
  const isDeleted = site.deletion !== null
  const wasDeleted = useRef(isDeleted)
  useEffect(() => {
    const isChanged = acting.isSuccess || wasDeleted.current !== isDeleted
    wasDeleted.current = isDeleted
    // If the pressed button is gone, the keyboard continues from the heading.
    if (isChanged && document.activeElement === document.body) heading.current?.focus()
  }, [acting.isSuccess, isDeleted])
  return (
    <>
      <div className="site-head">
        <div className="site-title">
          <p className="quiet-text">
            <a href="#/">{t('site.all')}</a>
          </p>
          <h1 ref={heading} tabIndex={-1}>
            <bdi>{site.name}</bdi> <StateBadge site={site} />
          </h1>
          <p className="quiet-text">
            {addressOf(site)} · {t('facts.plan')}: {site.planName}
          </p>
        </div>
        <div className="actions">
          <PrimaryAct site={site} />
          {isKept(site) ? <Others site={site} /> : null}
        </div>
      </div>
      <Status site={site} acting={acting} />
      <RelocationCard site={site} />
      <Notices site={site} part={part} />
      {acting.isError ? <Notice tone="danger">{sayProblem(acting.error)}</Notice> : null}
    </>
  )
}
