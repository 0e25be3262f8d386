import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, isKind } from '../api/client.ts'
import { ActButton, Button, CopyText, Failure, LinkButton } from '../ui/button.tsx'
import { Select } from '../ui/field.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { toast } from '../ui/toast.tsx'
import { PageError } from '../ui/use-page.ts'
import { usePage } from './page.ts'
import type { Site } from './site-words.ts'

const offeredDays = ['7', '14', '30', '90'] as const

const makeLink = async (id: string, days: string) => {
  try {
    const body = { days: Number(days) }
    return await bodyOf(api.POST('/v1/sites/{id}/summary-links', { params: { path: { id } }, body }))
  } catch (error) {
    throw isKind(error, 'transition-not-allowed') ? new PageError('sharing.refused', error.message) : error
  }
}

/** Links to a read-only page about a site, for people who decide. */
export const SiteSharing = ({ site: { id, name } }: { readonly site: Site }) => {
  const { t, format } = usePage()
  const queries = useQueryClient()
  const queryKey = ['summary-links', id]
  const [days, setDays] = useState<string>(offeredDays[1])
  const query = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/v1/sites/{id}/summary-links', { params: { path: { id } }, signal }))).links,
  })
  const reload = () => queries.invalidateQueries({ queryKey })
  const making = useMutation({ mutationFn: () => makeLink(id, days), onSettled: reload })
  const made = making.data
  const mail = (link: NonNullable<typeof made>): string => {
    const values = { site: name, url: link.url, at: format.instant(link.expiresAt) }
    const [subject, body] = [t('sharing.mail-subject', values), t('sharing.mail-body', values)]
    return `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(body)}`
  }
  return (
    <div className="view">
      <Panel title={t('sharing.title')}>
        <p className="quiet-text">{t('sharing.lead')}</p>
        <Select
          label={t('sharing.days')}
          value={days}
          onChange={setDays}
          options={offeredDays.map((value) => ({ value, label: t('sharing.days-of', { days: value }) }))}
        />
        <div className="actions">
          <Button isBusy={making.isPending} onClick={() => making.mutate()}>
            {t('sharing.make')}
          </Button>
        </div>
        <Failure error={making.error} />
        {made === undefined ? null : (
          <Notice tone="good" title={t('sharing.made')}>
            <CopyText text={made.url} of={t('sharing.link')} />
            <p className="actions">
              <LinkButton href={mail(made)}>{t('sharing.mail')}</LinkButton>
            </p>
          </Notice>
        )}
      </Panel>
      <Panel title={t('sharing.links')}>
        <Loaded query={query}>
          {(links) => (
            <Table
              none={<p className="quiet-text">{t('sharing.none')}</p>}
              caption={t('sharing.links')}
              columns={[
                { title: t('sharing.expires'), cell: ({ expiresAt }) => format.instant(expiresAt) },
                { title: t('sharing.created'), from: 'medium', cell: ({ createdAt }) => format.instant(createdAt) },
                {
                  title: t('sharing.revoke'),
                  variant: 'number',
                  cell: ({ id: linkId, expiresAt }) => (
                    <ActButton
                      of={format.instant(expiresAt)}
                      act={() =>
                        api.DELETE('/v1/sites/{id}/summary-links/{linkId}', { params: { path: { id, linkId } } })
                      }
                      onDone={() => {
                        if (linkId === made?.id) making.reset()
                        toast({ text: t('sharing.revoked') })
                        return reload()
                      }}
                    >
                      {t('sharing.revoke')}
                    </ActButton>
                  ),
                },
              ]}
              rows={links}
              idOf={({ id: linkId }) => linkId}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  )
}
