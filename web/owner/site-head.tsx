import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { isKind } from '../api/api-error.ts'
import { api, base, bodyOf } from '../api/client.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Notice } from '../ui/panel.tsx'
import { dueText, offersPlans } from './billing-words.ts'
import { TalkToUs } from './contact-dialog.tsx'
import { useNow, usePage } from './page.ts'
import { siteHash } from './routes.ts'
import { type Act, actsFor, hintOf, newsOf } from './site-acts.ts'
import { OpenSite, Said, SiteState, StateBadge } from './site-state.tsx'
import { isKept, isLive } from './site-words.ts'
import { billingQuery, type Site, useUpdateSite } from './use-site.ts'

/** Acts on a site. @returns it afterwards. */
const perform = (id: string, act: Act): Promise<Site> => {
  const params = { path: { id } }
  if (act === 'keep') return bodyOf(api.DELETE('/v1/sites/{id}/deletion', { params }))
  if (act === 'extend') return bodyOf(api.POST('/v1/sites/{id}/extend', { params }))
  return bodyOf(api.POST('/v1/sites/{id}/resume', { params }))
}

/** An overdue payment. */
const Due = ({ site }: { readonly site: Site }) => {
  const page = usePage()
  const now = useNow()
  const { data: billing } = useQuery(billingQuery(site.id))
  const text = billing === undefined ? '' : dueText(page, billing, site, now)
  return text === '' ? null : <Notice tone="danger">{text}</Notice>
}

/** What needs attention, and what happens to the site now. */
const Notices = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const { downSince, storage, operation, failure } = site
  return (
    <>
      {isKept(site) && site.extension === null ? <Due site={site} /> : null}
      {downSince === null ? null : (
        <Notice tone="danger">{t('warning.down', { at: format.instant(downSince) })}</Notice>
      )}
      {storage === null ? null : <Notice tone="warning">{t(`warning.${storage}`)}</Notice>}
      {operation === null ? null : <Notice>{t(`operation.${operation}`)}</Notice>}
      {failure === undefined ? null : (
        <Notice tone="danger">
          <span lang="en">{failure.reason}</span>
        </Notice>
      )}
    </>
  )
}

interface SiteHeadProps {
  readonly site: Site
  /** The result of what the owner did last. */
  readonly news: string | undefined
  readonly tell: (news: string | undefined) => void
}

/** The name, state and deadline of a site, and what its owner can do with one press. */
export const SiteHead = ({ site, news, tell }: SiteHeadProps) => {
  const page = usePage()
  const { t, format, sayProblem } = page
  const now = useNow()
  const update = useUpdateSite(site.id)
  const heading = useRef<HTMLHeadingElement>(null)
  const acting = useMutation({
    mutationFn: (act: Act) => perform(site.id, act),
    onMutate: () => tell(undefined),
    onSuccess: async (after, act) => {
      await update(after)
      tell(newsOf(page, act, site, after))
    },
    onError: async (error) => {
      if (isKind(error, 'payment-required')) location.hash = siteHash(site.id, 'plans')
      await update()
    },
  })
  const { operation, status } = site
  const before = useRef(operation)
  useEffect(() => {
    const isRestored = before.current === 'restore' && operation === null
    before.current = operation
    if (isRestored) tell(t(status === 'active' ? 'news.restored' : 'news.not-restored'))
  }, [operation, status, tell, t])
  useEffect(() => {
    // If the pressed button is gone, the keyboard continues from the heading.
    if (news !== undefined && document.activeElement === document.body) heading.current?.focus()
  }, [news])
  const hint = hintOf(page, site, now)
  const [first, ...others] = actsFor(site)
  const label = (act: Act) => t(`act.${act}`, { days: format.days(site.extension?.days ?? 0) })
  const press = (act: Act, tone: 'primary' | 'quiet') => (
    <Button
      key={act}
      tone={tone}
      isBusy={acting.isPending && acting.variables === act}
      isDisabled={acting.isPending}
      onClick={() => acting.mutate(act)}
    >
      {label(act)}
    </Button>
  )
  return (
    <>
      <div className="view-head">
        <div className="site-title">
          <p className="quiet-text">
            <a href="#/">{t('site.all')}</a>
          </p>
          <h1 ref={heading} tabIndex={-1}>
            {site.name} <StateBadge site={site} />
          </h1>
          <p className="quiet-text">
            {site.hostname} · {t('facts.plan')}: {site.planName}
          </p>
        </div>
        <div className="actions">
          {isLive(site) ? <OpenSite site={site} /> : null}
          {status === 'building' ? (
            <LinkButton href={`${base()}/#/building/${site.id}`}>{t('site.progress')}</LinkButton>
          ) : null}
          {status === 'failed' ? <LinkButton href={`${base()}/#/new`}>{t('state.retry')}</LinkButton> : null}
          {isKept(site) && offersPlans(site, { state: 'none' }) ? (
            <LinkButton tone="quiet" href={siteHash(site.id, 'plans')}>
              {t('site.choose-plan')}
            </LinkButton>
          ) : null}
          {first === undefined ? null : press(first, isLive(site) ? 'quiet' : 'primary')}
          {others.map((act) => press(act, 'quiet'))}
          {isKept(site) ? <TalkToUs siteId={site.id} onDone={tell} /> : null}
        </div>
      </div>
      <SiteState site={site} />
      {hint === '' ? null : <p className="quiet-text">{hint}</p>}
      <Notices site={site} />
      {news === undefined ? null : (
        <Notice tone="good">
          <Said text={news} subject={site.hostname} />
        </Notice>
      )}
      {acting.isError ? <Notice tone="danger">{sayProblem(acting.error)}</Notice> : null}
    </>
  )
}
