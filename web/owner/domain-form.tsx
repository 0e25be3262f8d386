import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { ApiError, isKind } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Field, focusField } from '../ui/field.tsx'
import { Panel } from '../ui/panel.tsx'
import type { Domain } from './domain-words.ts'
import { usePage } from './page.ts'
import type { Site } from './use-site.ts'

interface DomainFormProps {
  readonly site: Site
  readonly onAdded: (domain: Domain) => void
}

/** Adds a custom domain. */
export const DomainForm = ({ site, onAdded }: DomainFormProps) => {
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
    const form = event.currentTarget
    const typed = hostname.trim()
    setMissing(typed === '')
    adding.reset()
    if (typed === '') focusField(form, 'hostname')
    else if (!adding.isPending) adding.mutate({ typed, form })
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
