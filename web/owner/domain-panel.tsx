import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { api, bodyOf, errorOf, hasLocal, isKind } from '../api/client.ts'
import { ActButton, Button, CopyText, Failure, LinkButton } from '../ui/button.tsx'
import { Badge, Disclosure, Facts, Notice, Panel, Status } from '../ui/panel.tsx'
import { AskingButton } from './asking-button.tsx'
import {
  checkedText,
  checkResultText,
  type DnsRecord,
  type Domain,
  domainText,
  domainUrl,
  needsRecords,
  seenOf,
} from './domain-words.ts'
import { useMay, useNow, usePage } from './page.ts'
import { addressOf, type Site } from './site-words.ts'

/** Sets records where the host of this machine looks them up. The API's description lacks the path. */
const setRecords = async (records: readonly DnsRecord[]): Promise<void> => {
  for (const { type, name, value } of records) {
    const body = type === 'TXT' ? { TXT: value } : { CNAME: value }
    const response = await fetch(`/_local/dns/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw await errorOf(response)
  }
}

/** On one's own machine, sets in one step what owners set at their DNS provider. */
const LocalDns = ({ records, onSet }: { readonly records: readonly DnsRecord[]; readonly onSet: () => void }) => {
  const { t } = usePage()
  const { data: isThere } = useQuery({
    queryKey: ['local-dns'],
    queryFn: () => hasLocal('/_local/dns/'),
    staleTime: Infinity,
  })
  return isThere === true ? (
    <Notice>
      <p>{t('record.local')}</p>
      <ActButton act={() => setRecords(records)} onDone={onSet}>
        {t('record.set-here')}
      </ActButton>
    </Notice>
  ) : null
}

const stateTones = { pending: 'info', verified: 'good', failing: 'danger', releasing: 'warning' } as const
const seenTones = {
  right: 'good',
  wrong: 'danger',
  missing: 'warning',
  unknown: 'warning',
  unchecked: 'info',
  edge: 'info',
} as const

const DomainRecord = ({ record, wasThere }: { readonly record: DnsRecord; readonly wasThere: boolean }) => {
  const { t } = usePage()
  const { type, name, value, purpose } = record
  const seen = seenOf(record, wasThere)
  return (
    <li className="record">
      <p>
        <strong>{t('record.type', { type })}</strong> {t(`record.${purpose}`)}{' '}
        <Badge tone={seenTones[seen]}>{t(`seen.${seen}`)}</Badge>
      </p>
      <Facts
        facts={[
          [t('record.name'), <CopyText key="name" text={name} of={`${type}, ${t('record.name')}`} />],
          [t('record.value'), <CopyText key="value" text={value} of={`${type}, ${t('record.value')}`} />],
        ]}
      />
    </li>
  )
}

interface DomainPanelProps {
  readonly site: Site
  readonly domain: Domain
  /** Whether it was added now: then it gets the focus. */
  readonly isNew: boolean
  readonly onChange: (domain: Domain) => void
  readonly onGone: (hostname: string) => void
}

const Removal = ({ site: { id }, domain, onGone }: Pick<DomainPanelProps, 'site' | 'domain' | 'onGone'>) => {
  const { t } = usePage()
  const { hostname, state } = domain
  const remove = async () => {
    try {
      await api.DELETE('/v1/sites/{id}/domains/{hostname}', { params: { path: { id, hostname } } })
    } catch (error) {
      // It is already removed: an answer was lost, or it was released.
      if (!isKind(error, 'not-found')) throw error
    }
  }
  return (
    <AskingButton
      tone="plain"
      of={hostname}
      title={t('domain.remove-title', { hostname })}
      consequence={t(state === 'pending' ? 'domain.remove-pending' : 'domain.remove-works')}
      label={t('domains.remove')}
      act={remove}
      onDone={() => onGone(hostname)}
    >
      {t('domain.remove')}
    </AskingButton>
  )
}

/** One custom domain: its state, its records, and what its owner can do. */
export const DomainPanel = ({ site, domain, isNew, onChange, onGone }: DomainPanelProps) => {
  const page = usePage()
  const now = useNow()
  const may = useMay()
  const { t } = page
  const { hostname, state, records, verifiedAt, certificateRetryAt } = domain
  const element = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isNew) element.current?.focus()
  }, [isNew])
  const checking = useMutation({
    mutationFn: () => {
      const params = { path: { id: site.id, hostname } }
      return bodyOf(api.POST('/v1/sites/{id}/domains/{hostname}/verification', { params }))
    },
    onSuccess: onChange,
    // It is gone, perhaps because of this check.
    onError: (error) => isKind(error, 'not-found') && onGone(hostname),
  })
  const url = state === 'pending' ? undefined : domainUrl(site.url, hostname)
  const text = domainText(page, domain, now)
  const isWarned = state === 'failing' || state === 'releasing' || certificateRetryAt !== null
  return (
    <li ref={element} tabIndex={-1} aria-label={hostname}>
      <Panel
        title={hostname}
        aside={
          <span>
            {addressOf(site) === hostname ? <Badge tone="info">{t('domain.main')}</Badge> : null}{' '}
            <Badge tone={stateTones[state]}>{t(`domain-is.${state}`)}</Badge>
          </span>
        }
      >
        {isWarned ? <Notice tone="warning">{text}</Notice> : <p>{text}</p>}
        <Disclosure title={t('record.title')} isOpen={needsRecords(domain)}>
          <ul className="records">
            {records.map((record) => (
              <DomainRecord key={record.purpose} record={record} wasThere={verifiedAt !== null} />
            ))}
          </ul>
          <p className="hint">{t('record.hint')}</p>
          <LocalDns records={records} onSet={() => checking.mutate()} />
          {records.some(({ type }) => type === 'ALIAS') ? <p className="hint">{t('record.alias-hint')}</p> : null}
        </Disclosure>
        <p className="hint">{checkedText(page, domain)}</p>
        <div className="actions">
          {may('verifyDomain') ? (
            <Button tone="quiet" of={hostname} isBusy={checking.isPending} onClick={() => checking.mutate()}>
              {t('domain.check')}
            </Button>
          ) : null}
          {url === undefined ? null : (
            <LinkButton tone="quiet" href={url} target="_blank" rel="noopener">
              {t('domain.open')}
            </LinkButton>
          )}
          {may('releaseDomain', site) ? <Removal site={site} domain={domain} onGone={onGone} /> : null}
        </div>
        <Status>{checkResultText(page, domain, checking.data)}</Status>
        <Failure error={checking.error} />
      </Panel>
    </li>
  )
}
