import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { components } from '../../docs/api/openapi.d.ts'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import type { Fact } from '../ui/facts.tsx'
import { Facts } from '../ui/facts.tsx'
import { Choice, focusField, LongField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { State } from '../ui/state.tsx'
import type { Act, OperatorSite } from './acts.ts'
import { previewOf } from './acts.ts'
import type { Wish } from './perform.ts'
import { perform } from './perform.ts'
import { statuses } from './routes.ts'
import { usePage } from './use-page.ts'

type Changes = NonNullable<components['schemas']['Consequences']['changes']>

const durations = ['P7D', 'P14D', 'P30D'] as const
const visits = ['15', '30', '60'] as const
const dangerous: readonly Act[] = ['suspend', 'purge']

/** What changes, before and after. */
const useChanges = () => {
  const { t, format, find } = usePage()
  const time = (at: string | null) => (at === null ? t('act.nothing') : format.instant(at))
  const step = (next: Changes['nextStep']['before']) =>
    next === null ? t('act.nothing') : `${find(`step.${next.step}`) ?? next.step}, ${format.instant(next.at)}`
  const status = (name: string) => t(`status.${statuses.find((known) => known === name) ?? 'active'}`)
  return ({ status: state, plan, trialEndsAt, nextStep }: Changes): readonly Fact[] => {
    const rows = [
      [t('site.status'), status(state.before), status(state.after)],
      [t('site.plan'), plan.before, plan.after],
      [t('site.trial-ends'), time(trialEndsAt.before), time(trialEndsAt.after)],
      [t('site.next'), step(nextStep.before), step(nextStep.after)],
    ] as const
    return rows.flatMap(([name, before, after]) =>
      before === after ? [] : [[name, t('act.change', { before, after })] as const],
    )
  }
}

interface ConsequencesProps {
  readonly consequences: components['schemas']['Consequences']
}

/** The API says the effects in English. */
const Consequences = ({ consequences }: ConsequencesProps) => {
  const { t } = usePage()
  const changesOf = useChanges()
  const { refusal, changes, mails, effects } = consequences
  if (refusal !== null) {
    return (
      <Notice tone="warning" title={t('act.refused')}>
        <span lang="en">{refusal}</span>
      </Notice>
    )
  }
  return (
    <div className="consequences">
      {changes === null ? <p>{t('act.no-change')}</p> : <Facts facts={changesOf(changes)} />}
      {effects.length === 0 ? null : (
        <ul lang="en">
          {effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
      )}
      {mails.map(({ to, subject }) => (
        <p key={subject} className="quiet-text">
          {t('act.mail', { to, subject })}
        </p>
      ))}
    </div>
  )
}

interface ReasonFormProps {
  readonly act: Act
  readonly error: unknown
  readonly isBusy: boolean
  readonly onReason: (reason: string) => void
  readonly onClose: () => void
}

/** Asks for the reason of an act. The form stays as it is after a failure. */
const ReasonForm = ({ act, error, isBusy, onReason, onClose }: ReasonFormProps) => {
  const { t, sayProblem } = usePage()
  const [lacksReason, setLacksReason] = useState(false)
  const refused = error instanceof ApiError && error.status === 409 ? error.message : undefined
  const submit = (form: HTMLFormElement): void => {
    const reason = String(new FormData(form).get('reason') ?? '').trim()
    setLacksReason(reason === '')
    if (reason === '') focusField(form, 'reason')
    else if (!isBusy) onReason(reason)
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit(event.currentTarget)
      }}
    >
      <LongField
        label={t('act.reason')}
        name="reason"
        maxLength={500}
        required
        problem={lacksReason ? t('act.needs-reason') : undefined}
        hint={t('act.reason-hint')}
      />
      {error === null ? null : (
        <Notice tone="danger" title={sayProblem(error)}>
          {refused === undefined ? null : <span lang="en">{refused}</span>}
        </Notice>
      )}
      <div className="actions">
        <Button type="submit" tone={dangerous.includes(act) ? 'danger' : 'primary'} isBusy={isBusy}>
          {t(`act.${act}`)}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          {t('act.cancel')}
        </Button>
      </div>
    </form>
  )
}

/** What an act would do to a site; without data for an act whose consequences the API does not show. */
const usePreview = (site: OperatorSite, act: Act, by: string) => {
  const action = previewOf(act)
  return useQuery({
    queryKey: ['consequences', site.id, site.version, action, by],
    queryFn: ({ signal }) => {
      const query = { ...(action === undefined ? {} : { action }), ...(action === 'extend' ? { by } : {}) }
      const params = { path: { id: site.id }, query }
      return bodyOf(api.GET('/v1/operator/sites/{id}/consequences', { params, signal }))
    },
    enabled: action !== undefined,
    // The form keeps what was typed while another duration is previewed.
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

interface ActDialogProps {
  readonly site: OperatorSite
  readonly act: Act
  readonly onClose: () => void
  readonly onDone: (act: Act) => void
}

/** Shows what an act does, and asks for the reason. */
export const ActDialog = ({ site, act, onClose, onDone }: ActDialogProps) => {
  const { t } = usePage()
  const [by, setBy] = useState<string>(durations[0])
  const [minutes, setMinutes] = useState<string>(visits[0])
  const preview = usePreview(site, act, by)
  const acting = useMutation({
    mutationFn: (wish: Wish) => perform(site.id, wish),
    onSuccess: (place) => {
      onDone(act)
      if (place !== undefined) location.assign(place)
    },
  })
  const hasPreview = previewOf(act) !== undefined
  const isReady = !hasPreview || preview.data?.refusal === null
  return (
    <Dialog title={t(`act.${act}-title`, { site: site.name ?? site.id })} isOpen onClose={onClose}>
      {act === 'enter' || act === 'retry' ? <p className="lead">{t(`act.${act}-lead`)}</p> : null}
      {act === 'extend' ? (
        <Choice
          label={t('act.by')}
          name="by"
          value={by}
          options={durations.map((value) => ({ value, label: t(`by.${value}`) }))}
          onChange={setBy}
        />
      ) : null}
      {act === 'enter' ? (
        <Choice
          label={t('act.minutes')}
          name="minutes"
          value={minutes}
          options={visits.map((value) => ({ value, label: t('act.minutes-of', { minutes: value }) }))}
          onChange={setMinutes}
        />
      ) : null}
      {preview.data === undefined ? null : <Consequences consequences={preview.data} />}
      {hasPreview && preview.data === undefined ? <State query={preview} /> : null}
      {isReady ? (
        <ReasonForm
          act={act}
          error={acting.error}
          isBusy={acting.isPending || preview.isPlaceholderData}
          onReason={(reason) => acting.mutate({ act, reason, by, minutes: Number(minutes) })}
          onClose={onClose}
        />
      ) : (
        <div className="actions">
          <Button tone="quiet" onClick={onClose}>
            {t('act.cancel')}
          </Button>
        </div>
      )}
    </Dialog>
  )
}
