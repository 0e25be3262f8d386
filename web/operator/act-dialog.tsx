import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Choice, Field, Select } from '../ui/field.tsx'
import { type Fact, Facts, Notice } from '../ui/panel.tsx'
import { State } from '../ui/state.tsx'
import { type Act, previewOf } from './acts.ts'
import { ReasonForm } from './acts-row.tsx'
import { useNames, usePage } from './page.tsx'
import { type ActSite, perform, usePreview } from './perform.ts'
import { statuses } from './routes.ts'

type Changes = NonNullable<components['schemas']['Consequences']['changes']>

const durations = ['P7D', 'P14D', 'P30D'] as const
const visits = ['15', '30', '60'] as const
export const dangerous: readonly Act[] = ['restore-release-copy', 'suspend', 'purge']

const useChanges = () => {
  const { t, format, find } = usePage()
  const names = useNames()
  const time = (at: string | null) => (at === null ? t('act.nothing') : format.instant(at))
  const step = (next: Changes['nextStep']['before']) =>
    next === null ? t('act.nothing') : `${find(`step.${next.step}`) ?? next.step}, ${format.instant(next.at)}`
  const status = (name: string) => t(`status.${statuses.find((known) => known === name) ?? 'active'}`)
  return ({ status: state, plan, trialEndsAt, nextStep }: Changes): readonly Fact[] => {
    const rows = [
      [t('site.status'), status(state.before), status(state.after)],
      [t('site.plan'), names.plan(plan.before), names.plan(plan.after)],
      [t('site.trial-ends'), time(trialEndsAt.before), time(trialEndsAt.after)],
      [t('site.next'), step(nextStep.before), step(nextStep.after)],
    ] as const
    return rows.flatMap(([name, before, after]) =>
      before === after ? [] : [[name, t('act.change', { before, after })] as const],
    )
  }
}

/** The API says the effects in English. */
const Consequences = ({ consequences }: { readonly consequences: components['schemas']['Consequences'] }) => {
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

type ChoiceProps = Pick<Parameters<typeof Choice>[0], 'value' | 'onChange'>

/** The plans that a site can have instead of its own, including those by agreement, or these alone. */
const PlanChoice = ({
  site,
  isAllowance,
  value,
  onChange,
}: ChoiceProps & { readonly site: ActSite; readonly isAllowance: boolean }) => {
  const { t } = usePage()
  const query = useRead(['plans'], (signal) => api.GET('/v1/operator/plans', { signal }))
  const others = query.data?.plans.filter(({ id, kind }) => (isAllowance ? kind === 'enterprise' : id !== site.plan))
  const [first] = others ?? []
  const isMissing = value === '' && first !== undefined
  useEffect(() => {
    if (isMissing) onChange(first.id)
  }, [isMissing, first, onChange])
  if (others === undefined) return <State query={query} />
  return (
    <Select
      label={t(isAllowance ? 'site.plan' : 'act.plan-field')}
      value={value}
      options={others.map((plan) => ({ value: plan.id, label: plan.name }))}
      onChange={onChange}
    />
  )
}

const SitesField = ({ act }: { readonly act: Act }) => {
  const { t } = usePage()
  if (act !== 'allowance') return null
  return <Field label={t('act.sites')} name="sites" type="number" min={0} max={100} defaultValue={1} required />
}

interface ActDialogProps {
  readonly site: ActSite
  readonly act: Act
  readonly onClose: () => void
  readonly onDone: () => void
}

const hasLead = ['enter', 'retry', 'hand-over', 'restore-release-copy', 'allowance'] as const

export const ActDialog = ({ site, act, onClose, onDone }: ActDialogProps) => {
  const { t, format } = usePage()
  const [by, setBy] = useState<string>(durations[0])
  const [minutes, setMinutes] = useState<string>(visits[0])
  const [plan, setPlan] = useState('')
  const preview = usePreview(site, act, { by, plan })
  const acting = useMutation({
    mutationFn: ([reason, form]: readonly [reason: string, form: FormData]) => {
      const { releaseCopy, accountId } = site
      const of = { archiveId: releaseCopy?.id ?? '', accountId: accountId ?? '', sites: Number(form.get('sites')) }
      return perform(site.id, { act, reason, by, minutes: Number(minutes), plan, ...of })
    },
    onSuccess: (place) => {
      // Another view clears the toasts, so this one waits for it.
      if (place?.startsWith('#')) addEventListener('hashchange', onDone, { once: true })
      else onDone()
      if (place !== undefined) location.assign(place)
    },
  })
  const hasPreview = previewOf(act) !== undefined
  const isReady = !hasPreview || preview.data?.refusal === null
  const lead = hasLead.find((known) => known === act)
  return (
    <Dialog title={`${t(`act.${act}`)}: ${site.name ?? site.id}`} isOpen isBusy={acting.isPending} onClose={onClose}>
      {lead === undefined ? null : <p className="lead">{t(`act.${lead}-lead`)}</p>}
      {act === 'restore-release-copy' && site.releaseCopy ? (
        <p>{t('act.release-copy', { version: site.releaseCopy.version, at: format.instant(site.releaseCopy.at) })}</p>
      ) : null}
      {act === 'plan' || act === 'allowance' ? (
        <PlanChoice site={site} isAllowance={act === 'allowance'} value={plan} onChange={setPlan} />
      ) : null}
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
          label={t(`act.${act}`)}
          isDangerous={dangerous.includes(act)}
          error={acting.error}
          isBusy={acting.isPending}
          isWaiting={preview.isPlaceholderData}
          onReason={(...given) => acting.mutate(given)}
          onClose={onClose}
        >
          <SitesField act={act} />
        </ReasonForm>
      ) : (
        <div className="actions">
          <Button tone="quiet" isDisabled={acting.isPending} onClick={onClose}>
            {t('act.cancel')}
          </Button>
        </div>
      )}
    </Dialog>
  )
}
