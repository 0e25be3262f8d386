import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import type { components, paths } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Button, CopyText } from '../ui/button.tsx'
import { Checkbox, Field } from '../ui/field.tsx'
import { Badge, Disclosure, Facts, Notice, Panel } from '../ui/panel.tsx'
import { Empty, Loaded, View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { type Control, Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.tsx'

type Endpoint = components['schemas']['WebhookEndpoint']
type Attempt = components['schemas']['WebhookAttempt']
type WebhookType =
  paths['/v1/operator/webhooks']['get']['responses'][200]['content']['application/json']['types'][number]

interface Shown {
  readonly description: string
  readonly secret: string
}

/** The API shows a secret once, and so does the page. */
type ShowSecret = (shown: Shown) => void

const useCreate = (types: readonly WebhookType[], showSecret: ShowSecret): Control => {
  const { t } = usePage()
  return {
    id: 'create',
    label: t('webhook.create'),
    effect: t('webhook.create-effect'),
    fields: (isRefused) => (
      <>
        <Field
          label={t('webhook.url')}
          name="url"
          type="url"
          placeholder="https://"
          problem={isRefused('url') ? t('webhook.url-refused') : undefined}
        />
        <Field
          label={t('webhook.description')}
          name="description"
          maxLength={100}
          problem={isRefused('description') ? t('webhook.name-missing') : undefined}
        />
        <Checkbox name="marketing">{t('webhook.marketing')}</Checkbox>
        <Disclosure title={t('webhook.types')}>
          <p className="hint">{t('webhook.types-hint')}</p>
          {types.map((type) => (
            <Checkbox key={type} name="types" value={type}>
              {type}
            </Checkbox>
          ))}
        </Disclosure>
      </>
    ),
    perform: async (reason, form) => {
      const [url, description] = [String(form.get('url')).trim(), String(form.get('description')).trim()]
      const wanted = types.filter((type) => form.getAll('types').includes(type))
      const body = { url, description, types: wanted, marketing: form.has('marketing'), reason }
      showSecret(await bodyOf(api.POST('/v1/operator/webhooks', { body })))
    },
  }
}

const useAnswer = () => {
  const { t } = usePage()
  return ({ answer }: Attempt): string =>
    'status' in answer ? String(answer.status) : t(`webhook-failure.${answer.failure}`)
}

const Attempts = ({ endpoint: { id, disabled } }: { readonly endpoint: Endpoint }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const answerOf = useAnswer()
  const name = `webhook-attempts ${id}`
  const params = { path: { id }, query: { limit: 50 } }
  const query = useRead([name], (signal) => api.GET('/v1/operator/webhooks/{id}/attempts', { params, signal }), {
    every: 10,
  })
  const canSend = isPermitted('operatorRedeliverWebhook') && disabled === null
  const redeliver = ({ id: attemptId, type, at }: Attempt): Control => ({
    id: attemptId,
    label: t('webhook.redeliver'),
    of: `${type}, ${format.second(at)}`,
    effect: t('webhook.redeliver-effect'),
    perform: (reason) =>
      api.POST('/v1/operator/webhooks/{id}/attempts/{attemptId}/redelivery', {
        params: { path: { id, attemptId } },
        body: { reason },
      }),
  })
  return (
    <Loaded query={query}>
      {({ attempts }) => (
        <Table
          none={<Empty />}
          caption={t('webhook.attempts')}
          rows={attempts}
          idOf={(attempt) => attempt.id}
          columns={[
            { title: t('webhook.at'), cell: ({ at }) => format.instant(at) },
            { title: t('webhook.type'), cell: ({ type }) => type },
            { title: t('webhook.answer'), cell: answerOf },
            { title: t('webhook.number'), variant: 'number', from: 'medium', cell: ({ number }) => number },
            { title: t('webhook.milliseconds'), variant: 'number', from: 'medium', cell: (one) => one.milliseconds },
            {
              title: t('webhook.redeliver'),
              cell: (one) => (canSend ? <Controls controls={[redeliver(one)]} refresh={name} /> : '–'),
            },
          ]}
        />
      )}
    </Loaded>
  )
}

const useControls = ({ id, description, disabled }: Endpoint, showSecret: ShowSecret): readonly Control[] => {
  const { t } = usePage()
  const params = { path: { id } }
  const enabled = disabled !== null
  const act = enabled ? 'enable' : 'disable'
  return [
    {
      id: 'rotate',
      label: t('webhook.rotate'),
      of: description,
      effect: t('webhook.rotate-effect'),
      perform: async (reason) =>
        showSecret(
          await bodyOf(api.POST('/v1/operator/webhooks/{id}/secret', { params, body: { overlapHours: 24, reason } })),
        ),
    },
    {
      id: act,
      label: t(`webhook.${act}`),
      of: description,
      effect: t(`webhook.${act}-effect`),
      perform: (reason) => api.PATCH('/v1/operator/webhooks/{id}', { params, body: { enabled, reason } }),
    },
    {
      id: 'delete',
      label: t('webhook.delete'),
      of: description,
      isDangerous: true,
      effect: t('webhook.delete-effect'),
      perform: (reason) => api.DELETE('/v1/operator/webhooks/{id}', { params, body: { reason } }),
    },
  ]
}

const EndpointPanel = ({ endpoint, showSecret }: { readonly endpoint: Endpoint; readonly showSecret: ShowSecret }) => {
  const { url, description, types, marketing, secrets, disabled, createdAt } = endpoint
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const controls = useControls(endpoint, showSecret)
  const [isShown, setShown] = useState(false)
  const until = secrets[1]?.expiresAt
  return (
    <Panel
      title={description}
      aside={
        disabled === null ? (
          <Badge tone="good">{t('webhook.enabled')}</Badge>
        ) : (
          <Badge tone="danger">{t(`webhook-disabled.${disabled.because}`)}</Badge>
        )
      }
    >
      <Facts
        facts={[
          [t('webhook.url'), url],
          [t('webhook.types'), types.length === 0 ? t('webhook.every') : types.join(', ')],
          marketing && [t('webhook.accounts'), t('webhook.consenting')],
          [t('webhook.former'), until === undefined || until === null ? '–' : format.instant(until)],
          [t('webhook.created'), format.instant(createdAt)],
          disabled !== null && [t('webhook.disabled-at'), format.instant(disabled.at)],
        ]}
      />
      {isPermitted('operatorChangeWebhook') ? <Controls controls={controls} refresh="webhooks" /> : null}
      <div className="actions">
        <Button tone="quiet" of={description} aria-expanded={isShown} onClick={() => setShown(!isShown)}>
          {t('webhook.attempts')}
        </Button>
      </div>
      {isShown ? <Attempts endpoint={endpoint} /> : null}
    </Panel>
  )
}

/** Where webhooks are sent, and what was answered. */
export const WebhooksView = () => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const [shown, showSecret] = useState<Shown>()
  const query = useRead(['webhooks'], (signal) => api.GET('/v1/operator/webhooks', { signal }), { every: 30 })
  const create = useCreate(query.data?.types ?? [], showSecret)
  return (
    <View
      title={t('nav.webhooks')}
      query={query}
      // A dialog keeps what it was opened with, so not before the types are known.
      aside={
        isPermitted('operatorCreateWebhook') && query.data ? <Controls controls={[create]} refresh="webhooks" /> : null
      }
    >
      {({ endpoints }) => (
        <>
          {shown === undefined ? null : (
            <Notice tone="warning" title={t('webhook.secret', { of: shown.description })}>
              <CopyText text={shown.secret} of={t('webhook.secret', { of: shown.description })} />
            </Notice>
          )}
          {endpoints.length === 0 ? <Empty>{t('webhook.create-effect')}</Empty> : null}
          {endpoints.map((endpoint) => (
            <EndpointPanel key={endpoint.id} endpoint={endpoint} showSecret={showSecret} />
          ))}
        </>
      )}
    </View>
  )
}
