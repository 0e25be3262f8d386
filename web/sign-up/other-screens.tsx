import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, base, bodyOf, enterSite, isKind, signInAndReturn } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { isLost } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Notice, Progress, Steps } from '../ui/panel.tsx'
import { Stale, State } from '../ui/state.tsx'
import { screenAt } from './request-code.ts'
import { Screen, usePage } from './screen.tsx'

/** There is no room for another trial, or operators paused new ones. */
export const WaitingScreen = () => {
  const { t } = usePage()
  return (
    <Screen title={t('waiting.title')} lead={t('waiting.lead')}>
      <div className="actions">
        <a className="button quiet" href={screenAt('new')}>
          {t('waiting.again')}
        </a>
      </div>
    </Screen>
  )
}

/** The link of the mail about a deletion opens it. A mail scanner follows links, so a button confirms. */
export const KeepScreen = ({ id, code }: { readonly id: string; readonly code: string }) => {
  const { t, nodes, sayProblem } = usePage()
  const keeping = useMutation({
    mutationFn: () => api.POST('/v1/accounts/{id}/reopening', { params: { path: { id } }, body: { code } }),
    // The code must not stay in the address or in the history.
    onSuccess: () => location.replace(`${base()}/sites/#/account`),
  })
  return (
    <Screen title={t('keep.title')} lead={t('keep.lead')}>
      {keeping.isError ? (
        <Notice tone="danger">
          {isKind(keeping.error, 'code-wrong')
            ? nodes('keep.wrong', { account: <a href={`${base()}/sites/#/account`}>{t('keep.account')}</a> })
            : sayProblem(keeping.error)}
        </Notice>
      ) : null}
      <div className="actions">
        <Button isBusy={keeping.isPending || keeping.isSuccess} onClick={() => keeping.mutate()}>
          {t('keep.keep')}
        </Button>
        <a className="button plain" href={screenAt('')}>
          {t('keep.not')}
        </a>
      </div>
    </Screen>
  )
}

/** What a browser without JavaScript gets after the first screen. */
export const MailedScreen = () => {
  const { t } = usePage()
  return (
    <Screen step={2} title={t('mailed.title')} lead={t('mailed.text')}>
      <Notice>{t('mailed.script')}</Notice>
    </Screen>
  )
}

type Site = components['schemas']['Site']

const pollEvery = 1000

const Building = ({ site, isStale }: { readonly site: Site; readonly isStale: boolean }) => {
  const { t, format } = usePage()
  const { percent, steps, estimate } = site.progress
  const [usual = '', max = ''] = [estimate?.usual ?? 0, estimate?.ninetieth ?? 0].map(format.duration)
  return (
    <Screen title={t('build.title')} lead={t('build.lead')}>
      <Stale isStale={isStale} />
      <Progress label={t('build.progress')} percent={percent} />
      <p className="hint" aria-live="polite">
        {format.percent(percent / 100)}
      </p>
      {estimate === null ? null : (
        <p className="hint">{t(usual === max ? 'build.usual' : 'build.estimate', { usual, max })}</p>
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

const Failed = ({ site }: { readonly site: Site }) => {
  const { t, nodes, settings } = usePage()
  const again = site.failure?.again ?? 'contact'
  const contact = <a href={`mailto:${settings.contact}`}>{settings.contact}</a>
  return (
    <Screen title={t('failed.title')} lead={nodes(`failed.${again}`, { contact })}>
      {again === 'trial' ? (
        <a className="button primary" href={screenAt('new')}>
          {t('state.retry')}
        </a>
      ) : (
        <a className="button plain" href={`${base()}/sites/`}>
          {t('ready.all')}
        </a>
      )}
    </Screen>
  )
}

/** Follows a build. A visitor who waited for it is in their site as soon as it is ready. */
export const BuildingScreen = ({ id }: { readonly id: string }) => {
  const site = useQuery({
    queryKey: ['site', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data, error } }) => {
      const isOver = isLost(error) || isKind(error, 'unauthenticated')
      return !isOver && (data === undefined || data.status === 'building') && pollEvery
    },
  })
  const isSignedOut = isKind(site.error, 'unauthenticated')
  useEffect(() => {
    if (isSignedOut) signInAndReturn()
  }, [isSignedOut])
  const status = site.data?.status
  const waited = useRef(false)
  useEffect(() => {
    if (status === 'building') waited.current = true
    if (status === 'active' && waited.current && site.data !== undefined) void enterSite(site.data)
    const isElsewhere = status !== undefined && !['building', 'active', 'asleep', 'failed'].includes(status)
    if (isElsewhere) location.replace(`${base()}/sites/`)
  }, [status, site.data])

  if (site.data === undefined) return <State query={site} />
  if (status === 'building') return <Building site={site.data} isStale={site.isError} />
  return status === 'failed' ? <Failed site={site.data} /> : <Ready site={site.data} />
}
