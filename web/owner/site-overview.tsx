import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, isUnanswered, withKey } from '../api/client.ts'
import { Button, CopyButton } from '../ui/button.tsx'
import { type Fact, Facts, Notice, Output, Panel } from '../ui/panel.tsx'
import { Stale, State } from '../ui/state.tsx'
import { useMay, useNow, usePage, useUpdateSite } from './page.ts'
import { ChooseRange, PlanUse, SiteUsage, type Usage, type UsageRange, useUsage, useUsageFacts } from './site-usage.tsx'
import { addressOf, dateText, isKept, isLive, type Site } from './site-words.ts'

interface PartProps {
  readonly site: Site
}

/** The properties of a site, and what was counted. */
const SiteFacts = ({ site, usage }: PartProps & { readonly usage: Usage | undefined }) => {
  const page = usePage()
  const { t, format } = page
  const now = useNow()
  const { trialEndsAt, sleepAfterMinutes, blueprint } = site
  const counted = useUsageFacts(usage)
  const sleeps =
    sleepAfterMinutes === null
      ? t('facts.sleeps-never')
      : t('facts.sleeps-after', { minutes: format.minutes(sleepAfterMinutes) })
  return (
    <Panel title={t('facts.title')} variant={isKept(site) ? 'half' : 'wide'}>
      <Facts
        facts={[
          [
            t('facts.address'),
            <>
              {addressOf(site)}
              <CopyButton text={site.mainUrl} of={t('facts.address')} />
            </>,
          ],
          trialEndsAt === null || isLive(site) ? undefined : [t('facts.trial-ends'), dateText(page, trialEndsAt, now)],
          [t('facts.sleeps'), sleeps],
          [t('facts.created'), format.moment(site.createdAt)],
          ...counted,
          [t('facts.software'), t('facts.version', { ...blueprint })],
        ]}
      />
    </Panel>
  )
}

/** What to do if the product did not take its owner. */
const FailedHandOver = ({ site }: PartProps) => {
  const { t, sayProblem } = usePage()
  const may = useMay()
  const update = useUpdateSite(site.id)
  const retrying = useMutation({
    mutationFn: () => bodyOf(api.POST('/v1/sites/{id}/hand-over', { params: { path: { id: site.id } } })),
    onSettled: (after) => update(after),
  })
  const { handOver } = site
  if (handOver?.status !== 'failed') return null
  return (
    <Notice tone="warning" title={t('hand-over.failed')}>
      <p lang="en">{handOver.reason}</p>
      {handOver.answer === null ? null : <Output label={t('hand-over.answer')}>{handOver.answer.excerpt}</Output>}
      {retrying.isError ? <p>{sayProblem(retrying.error)}</p> : null}
      {site.status === 'active' && site.operation === null && may('handOverSite') ? (
        <Button tone="quiet" isBusy={retrying.isPending} onClick={() => retrying.mutate()}>
          {t('state.retry')}
        </Button>
      ) : null}
    </Notice>
  )
}

/** The credentials that the product made, once. */
const Credentials = ({ site }: PartProps) => {
  const { t, sayProblem } = usePage()
  const may = useMay()
  const update = useUpdateSite(site.id)
  const name = `credentials of ${site.id}`
  const showing = useMutation({
    mutationFn: () =>
      withKey(name, (header) =>
        bodyOf(api.POST('/v1/sites/{id}/credentials', { params: { path: { id: site.id }, header } })),
      ),
    onSettled: () => update(),
    gcTime: 0,
  })
  // If the answer was lost, they count as shown, and nobody has seen them.
  const isToShow = site.credentials?.shownAt === null || (site.credentials !== null && isUnanswered(name))
  if (!may('revealCredentials') || ((!isToShow || site.status === 'building') && showing.isIdle)) return null
  const facts = showing.data?.credentials.map(
    ({ label, user, value }): Fact => [
      user === null ? label : t('credentials.of', { label, user }),
      <>
        <code>{value}</code>
        <CopyButton text={value} of={label} />
      </>,
    ],
  )
  return (
    <Panel title={t('credentials.title')} variant="wide">
      {facts === undefined ? (
        <>
          <p>{t('credentials.lead')}</p>
          <div className="actions">
            <Button tone="quiet" isBusy={showing.isPending} onClick={() => showing.mutate()}>
              {t('credentials.show')}
            </Button>
          </div>
        </>
      ) : (
        <>
          <Notice tone="warning">{t('credentials.once')}</Notice>
          <Facts facts={facts} />
        </>
      )}
      {showing.isError ? <Notice tone="danger">{sayProblem(showing.error)}</Notice> : null}
    </Panel>
  )
}

/** What the site is, how it is used, and what its owner needs to enter it. */
export const SiteOverview = ({ site }: PartProps) => {
  const [days, setDays] = useState<UsageRange>(30)
  const query = useUsage(site, days)
  return (
    <div className="view">
      <FailedHandOver site={site} />
      <Credentials site={site} />
      {isKept(site) ? <ChooseRange chosen={days} onChoose={setDays} /> : null}
      <div className="panels">
        {isKept(site) && query.data !== undefined ? <SiteUsage site={site} usage={query.data} /> : null}
        {isKept(site) ? <PlanUse site={site} usage={query.data} /> : null}
        <SiteFacts site={site} usage={query.data} />
      </div>
      {isKept(site) && query.data === undefined ? <State query={query} /> : <Stale isStale={query.isError} />}
    </div>
  )
}
