import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { ApiError, api, bodyOf, isKind } from '../api/client.ts'
import { Button, Failure, LinkButton } from '../ui/button.tsx'
import { Field, focusField } from '../ui/field.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { Empty, Stale, State } from '../ui/state.tsx'
import { DomainPanel } from './domain-panel.tsx'
import { type Domain, verifiedSince } from './domain-words.ts'
import { useMay, useOfferedPlans, usePage, usePlans } from './page.ts'
import { siteHash } from './routes.ts'
import type { Site } from './site-words.ts'

const DomainForm = ({ site, onAdded }: { readonly site: Site; readonly onAdded: (domain: Domain) => void }) => {
  const { t, find } = usePage()
  const queries = useQueryClient()
  const [hostname, setHostname] = useState('')
  const [isMissing, setMissing] = useState(false)
  const adding = useMutation({
    mutationFn: ({ typed }: { readonly typed: string; readonly form: HTMLFormElement }) =>
      bodyOf(api.POST('/v1/sites/{id}/domains', { params: { path: { id: site.id } }, body: { hostname: typed } })),
    onSuccess: (domain) => {
      setHostname('')
      onAdded(domain)
    },
    onError: (error, { form }) => {
      focusField(form, 'hostname')
      // The plan has changed.
      if (isKind(error, 'feature-not-in-plan')) void queries.invalidateQueries({ queryKey: ['site', site.id] })
    },
  })
  const { error } = adding
  const field = error instanceof ApiError ? error.fields.find(({ path }) => path === 'hostname') : undefined
  const refusal =
    find(`hostname.${field?.code}`, field?.values) ??
    (isKind(error, 'limits-exceeded') ? t('hostname.too-many') : field && t('hostname.not-a-hostname'))
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (adding.isPending) return
    const form = event.currentTarget
    const typed = hostname.trim()
    setMissing(typed === '')
    adding.reset()
    if (typed === '') focusField(form, 'hostname')
    else adding.mutate({ typed, form })
  }
  return (
    <Panel title={t('domains.add')}>
      <form noValidate onSubmit={submit}>
        <Field
          label={t('domains.hostname')}
          name="hostname"
          value={hostname}
          onChange={({ target }) => setHostname(target.value)}
          maxLength={255}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          problem={isMissing ? t('hostname.not-a-hostname') : refusal}
          hint={t('domains.hint')}
        />
        <Failure error={refusal === undefined ? error : null} />
        <div className="actions">
          <Button type="submit" isBusy={adding.isPending}>
            {t('domains.add')}
          </Button>
        </div>
      </form>
    </Panel>
  )
}

const feature = 'customDomain'
const pendingMilliseconds = 5000
const settledMilliseconds = 60_000

const isSettled = ({ state }: Domain): boolean => state === 'verified'

const NotInPlan = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const may = useMay()
  const query = usePlans()
  const plans = useOfferedPlans().filter(({ kind, features }) => kind !== 'trial' && features.includes(feature))
  return (
    <Panel title={t('domains.title')}>
      {query.data === undefined ? (
        <State query={query} />
      ) : (
        <p>
          {plans.length === 0
            ? t('domains.no-plan')
            : t('domains.plans', { plans: format.list(plans.map(({ name }) => name)) })}
        </p>
      )}
      {may('getBilling') ? (
        <p className="actions">
          <LinkButton href={siteHash(site.id, 'plans')}>{t('domains.see-plans')}</LinkButton>
        </p>
      ) : null}
    </Panel>
  )
}

/** The domains of a site, as loaded and as acts answered them. */
const useDomains = (site: Site) => {
  const queries = useQueryClient()
  const queryKey = ['domains', site.id]
  const query = useQuery({
    // Another plan may release the domains.
    queryKey: [...queryKey, site.plan],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/v1/sites/{id}/domains', { params: { path: { id: site.id } }, signal }))).domains,
    refetchInterval: ({ state: { data } }) =>
      data?.every(isSettled) === false ? pendingMilliseconds : settledMilliseconds,
    placeholderData: (before) => before,
  })
  /** A read that began before an act does not overwrite it. */
  const put = async (hostname: string, domain?: Domain): Promise<void> => {
    await queries.cancelQueries({ queryKey })
    queries.setQueryData<readonly Domain[]>([...queryKey, site.plan], (before = []) =>
      [...before.filter((other) => other.hostname !== hostname), ...(domain === undefined ? [] : [domain])].toSorted(
        (one, other) => (one.hostname < other.hostname ? -1 : 1),
      ),
    )
  }
  return { query, put }
}

export const SiteDomains = ({ site }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const may = useMay()
  const { query, put } = useDomains(site)
  const { data: domains } = query
  const [before, setBefore] = useState(domains)
  const [added, setAdded] = useState<string>()
  const [news, tell] = useState<string>()
  if (domains !== before) {
    const verified = verifiedSince(before ?? [], domains ?? [])
    setBefore(domains)
    if (verified.length > 0) tell(t('domains.verified', { hostnames: format.list(verified) }))
  }
  if (domains === undefined) return <State query={query} />
  return (
    <div className="view">
      <Stale isStale={query.isError} />
      {news === undefined ? null : <Notice tone="good">{news}</Notice>}
      {domains.length === 0 ? null : (
        <ul className="domains">
          {domains.map((domain) => (
            <DomainPanel
              key={domain.hostname}
              site={site}
              domain={domain}
              isNew={domain.hostname === added}
              onChange={(changed) => put(changed.hostname, changed)}
              onGone={async (hostname) => {
                await put(hostname)
                tell(t('domains.removed', { hostname }))
              }}
            />
          ))}
        </ul>
      )}
      {!site.features.includes(feature) ? (
        <NotInPlan site={site} />
      ) : may('addDomain', site) ? (
        <DomainForm
          site={site}
          onAdded={async (domain) => {
            tell(undefined)
            await put(domain.hostname, domain)
            setAdded(domain.hostname)
          }}
        />
      ) : domains.length === 0 ? (
        <Empty />
      ) : null}
    </div>
  )
}
