import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, base, bodyOf, enterSite } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Progress, Steps } from '../ui/panel.tsx'
import { State } from '../ui/state.tsx'
import { Screen, usePage } from './screen.tsx'

const getSite = (id: string, signal: AbortSignal) =>
  bodyOf(api.GET('/v1/sites/{id}', { params: { path: { id } }, signal }))
type Site = Awaited<ReturnType<typeof getSite>>

const lookEvery = 1000

const Building = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const { percent, steps, estimate } = site.progress
  const [usual = '', most = ''] = [estimate?.usual ?? 0, estimate?.ninetieth ?? 0].map(format.duration)
  return (
    <Screen title={t('build.title')} lead={t('build.lead')}>
      <Progress label={t('build.progress')} percent={percent} />
      <p className="hint" aria-live="polite">
        {format.percent(percent / 100)}
      </p>
      {estimate === null ? null : (
        <p className="hint">{t(usual === most ? 'build.usual' : 'build.estimate', { usual, most })}</p>
      )}
      <Steps
        steps={steps.map(({ name, status }) => ({ name: t(`build.${name}`), status, word: t(`build.${status}`) }))}
      />
    </Screen>
  )
}

const Ready = ({ site }: { readonly site: Site }) => {
  const { t, nodes } = usePage()
  const link = <a href={site.url}>{site.hostname}</a>
  return (
    <Screen title={t('ready.title')} lead={nodes('ready.lead', { name: <strong>{site.name}</strong>, url: link })}>
      <div className="actions">
        <Button onClick={() => enterSite(site)}>{t('ready.open')}</Button>
        <a className="button plain" href={`${base()}/sites/`}>
          {t('ready.all')}
        </a>
      </div>
    </Screen>
  )
}

const Failed = () => {
  const { t, nodes, settings } = usePage()
  const contact = <a href={`mailto:${settings.contact}`}>{settings.contact}</a>
  return (
    <Screen title={t('failed.title')} lead={nodes('failed.lead', { contact })}>
      <a className="button primary" href={`${base()}/#/new`}>
        {t('state.retry')}
      </a>
    </Screen>
  )
}

/** Follows a build. A visitor who waited for it is in their site as soon as it is ready. */
export const BuildingScreen = ({ id }: { readonly id: string }) => {
  const site = useQuery({
    queryKey: ['site', id],
    queryFn: ({ signal }) => getSite(id, signal),
    refetchInterval: ({ state }) => (state.data === undefined || state.data.status === 'building' ? lookEvery : false),
  })
  const status = site.data?.status
  const waited = useRef(false)
  useEffect(() => {
    if (status === 'building') waited.current = true
    if (status === 'active' && waited.current && site.data !== undefined) void enterSite(site.data)
    const isElsewhere = status !== undefined && !['building', 'active', 'asleep', 'failed'].includes(status)
    if (isElsewhere) location.replace(`${base()}/sites/`)
  }, [status, site.data])

  if (site.data === undefined) return <State query={site} />
  if (status === 'building') return <Building site={site.data} />
  return status === 'failed' ? <Failed /> : <Ready site={site.data} />
}
