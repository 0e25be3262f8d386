import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { ApiError, api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { showAnswer, useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Field, focusField, LongField, Select, textIn } from '../ui/field.tsx'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { Stale, useTop, View } from '../ui/state.tsx'
import { byPoints, useSayReason } from './leads-view.tsx'
import { useNames, usePage } from './page.tsx'
import { hashOf } from './routes.ts'
import { useHeld } from './use-held.ts'

type Lead = components['schemas']['LeadDetail']

const outcomes = ['open', 'won', 'lost', 'later'] as const

/** A next step has a text and a day. */
const missingIn = (form: FormData): 'step' | 'day' | undefined => {
  const [step, day] = [textIn(form, 'step'), textIn(form, 'day')]
  if ((step === '') === (day === '')) return undefined
  return step === '' ? 'step' : 'day'
}

/** What the form changes: an empty note is none, and an empty next step is removed. */
const changeOf = (lead: Lead, form: FormData) => {
  const [note, text, day] = [textIn(form, 'note'), textIn(form, 'step'), textIn(form, 'day')]
  return {
    revision: lead.revision,
    assignee: textIn(form, 'assignee') || null,
    outcome: outcomes.find((known) => known === textIn(form, 'outcome')) ?? lead.outcome,
    nextStep: text === '' ? null : { text, at: `${day}T09:00:00.000Z` },
    ...(note === '' ? {} : { note }),
  }
}

/** Assigns the lead, plans the next step, records the outcome and adds a note. */
const WorkForm = ({ lead: loaded }: { readonly lead: Lead }) => {
  const { t, sayProblem } = usePage()
  const { shown: lead, hold, release } = useHeld(loaded)
  const queries = useQueryClient()
  const [missing, setMissing] = useState<ReturnType<typeof missingIn>>()
  const saving = useMutation({
    mutationFn: (form: FormData) =>
      bodyOf(api.PATCH('/v1/operator/leads/{id}', { params: { path: { id: lead.id } }, body: changeOf(lead, form) })),
    onSuccess: async (after) => {
      await showAnswer(queries, ['lead', lead.id], after)
      release()
      queries.invalidateQueries({ queryKey: ['leads'] })
    },
  })
  const isConflict = saving.error instanceof ApiError && saving.error.status === 409
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const found = missingIn(form)
    setMissing(found)
    if (found !== undefined) focusField(event.currentTarget, found)
    else if (!saving.isPending) saving.mutate(form)
  }
  const showPresent = async (): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['lead', lead.id] })
    saving.reset()
    release()
  }
  return (
    <form onSubmit={submit} onChange={hold} key={lead.revision}>
      <Select
        label={t('lead.assignee')}
        name="assignee"
        defaultValue={lead.assignee ?? ''}
        options={[{ value: '', label: t('lead.nobody') }, ...lead.people.map((value) => ({ value, label: value }))]}
      />
      <Select
        label={t('lead.outcome')}
        name="outcome"
        defaultValue={lead.outcome}
        options={outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }))}
      />
      <Field
        label={t('site.next')}
        name="step"
        maxLength={200}
        defaultValue={lead.nextStep?.text}
        problem={missing === 'step' ? t('lead.step-missing') : undefined}
      />
      <Field
        label={t('lead.day')}
        name="day"
        type="date"
        defaultValue={lead.nextStep?.at.slice(0, 10)}
        problem={missing === 'day' ? t('lead.day-missing') : undefined}
      />
      <LongField label={t('lead.note')} name="note" maxLength={2000} />
      {saving.error === null ? null : (
        <Notice tone="danger">{isConflict ? t('form.conflict') : sayProblem(saving.error)}</Notice>
      )}
      <div className="actions">
        <Button type="submit" isBusy={saving.isPending}>
          {t('lead.save')}
        </Button>
        {isConflict ? (
          <Button tone="quiet" onClick={showPresent}>
            {t('form.reload')}
          </Button>
        ) : null}
      </div>
    </form>
  )
}

/** Such as `course.created 3, entry.created 12`. */
const sumsOf = (events: Lead['facts']['productEvents'] = [], say: (count: number) => string): string =>
  [...Map.groupBy(events, ({ name }) => name)]
    .map(([name, days]) => `${name} ${say(days.reduce((sum, { count }) => sum + count, 0))}`)
    .toSorted()
    .join(', ')

const Known = ({ lead }: { readonly lead: Lead }) => {
  const { t, format } = usePage()
  const { attribution, facts, deadline } = lead
  const names = useNames()
  const { source, campaign, referrer } = attribution ?? {}
  const from = [lead.offer && names.offer(lead.offer), lead.variant, source, campaign, referrer].filter(Boolean)
  return (
    <Facts
      facts={[
        [t('lead.email'), lead.email ?? '–'],
        [t('lead.company'), lead.company ?? '–'],
        ...Object.entries(lead.answers ?? {}),
        [t('lead.signed-up'), format.instant(facts.signedUpAt)],
        [t('lead.deadline'), deadline === null ? '–' : format.instant(deadline)],
        [t('lead.used'), format.days(facts.usage.length)],
        [t('lead.events'), sumsOf(facts.productEvents, format.number) || '–'],
        [t('lead.sites'), format.number(facts.sites.live)],
        [t('lead.source'), from.join(', ') || '–'],
        [t('lead.marketing'), t(lead.marketingConsent ? 'billing.yes' : 'billing.no')],
      ]}
    />
  )
}

/** One lead: why it has its score, what is known, and what sales plan. */
export const LeadView = ({ id }: { readonly id: string }) => {
  useTop()
  const { t, format } = usePage()
  const sayReason = useSayReason()
  const query = useRead(['lead', id], (signal) =>
    api.GET('/v1/operator/leads/{id}', { params: { path: { id } }, signal }),
  )
  const { data: lead } = query
  if (lead === undefined) return <View title={t('nav.lead')} query={query} />
  return (
    <div className="view">
      <div className="view-head">
        <h1>
          {lead.name ?? lead.email ?? lead.id} <Badge>{t(`stage.${lead.stage}`)}</Badge>
        </h1>
        {lead.email === null ? null : (
          <a
            href={hashOf({ name: 'sites', view: { search: lead.email } })}
            aria-label={`${t('nav.sites')}: ${lead.email}`}
          >
            {t('nav.sites')}
          </a>
        )}
      </div>
      <Stale isStale={query.isError} />
      <div className="panels">
        <Panel title={`${t('lead.score')}: ${format.number(lead.score)}`} variant="half">
          <ul>
            {byPoints(lead.reasons).map((reason) => (
              <li key={reason.text}>{sayReason(reason)}</li>
            ))}
          </ul>
          <Known lead={lead} />
        </Panel>
        <Panel title={t('lead.work')} variant="half">
          <WorkForm lead={lead} />
        </Panel>
      </div>
      {lead.contactRequests.length + lead.notes.length === 0 ? null : (
        <Panel title={t('lead.notes')}>
          <ul>
            {lead.contactRequests.map(({ at, topic, message }) => (
              <li key={`request ${at}`}>
                {format.instant(at)}: {t('lead.asked', { topic: t(`topic.${topic}`) })} {message}
              </li>
            ))}
            {lead.notes.map(({ at, text }) => (
              <li key={`note ${at} ${text}`}>
                {format.instant(at)}: {text}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  )
}
