import { useMutation, useQuery } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { api, bodyOf, isKind } from '../api/client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Field, focusField, Select } from '../ui/field.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toast.tsx'
import { deletionText, isTrial, mayBePaid } from './billing-words.ts'
import { DeletionDialog, RenameDialog } from './dialogs.tsx'
import { billingQuery, useMay, useNow, usePage, useUpdateSite } from './page.ts'
import { mayDelete } from './site-acts.ts'
import { isLive, type Site, sleepText } from './site-words.ts'
import { type Acting, useActing } from './use-acting.ts'

const offeredTimes = ['never', '15', '30', '60']

/** The owner of a site on a paid plan chooses when it sleeps. */
const SleepForm = ({ site: { id, sleepAfterMinutes } }: { readonly site: Site }) => {
  const page = usePage()
  const { t, format, sayProblem } = page
  const update = useUpdateSite(id)
  const [isWrong, setWrong] = useState(false)
  // Without a choice of this visit, what is saved, also in another tab.
  const [picked, setPicked] = useState<string>()
  const saved = String(sleepAfterMinutes ?? 'never')
  const choice = picked ?? (offeredTimes.includes(saved) ? saved : 'other')
  const saving = useMutation({
    mutationFn: (minutes: number | null) => {
      const params = { path: { id } }
      return bodyOf(api.PATCH('/v1/sites/{id}', { params, body: { sleepAfterMinutes: minutes } }))
    },
    onSuccess: async (after) => {
      await update(after)
      setPicked(undefined)
      const text = sleepText(page, after.sleepAfterMinutes)
      toast({
        text,
        ...(after.sleepAfterMinutes === sleepAfterMinutes ? {} : { undo: () => saving.mutate(sleepAfterMinutes) }),
      })
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (saving.isPending) return
    const form = event.currentTarget
    const isOther = choice === 'other'
    const text = isOther ? String(new FormData(form).get('minutes') ?? '').trim() : choice
    const isNumber = !isOther || /^\d{1,5}$/.test(text)
    setWrong(!isNumber)
    saving.reset()
    if (!isNumber) focusField(form, 'minutes')
    else {
      saving.mutate(text === 'never' ? null : Number(text), {
        // The field is left out if the choice has its value.
        onSuccess: () => isOther && offeredTimes.includes(text) && focusField(form, 'after'),
        onError: () => focusField(form, isOther ? 'minutes' : 'after'),
      })
    }
  }
  const isOutOfRange = isKind(saving.error, 'invalid-request')
  return (
    <form noValidate onSubmit={submit}>
      <Select
        label={t('sleep.choice')}
        name="after"
        value={choice}
        options={[
          ...offeredTimes.map((value) => ({
            value,
            label: value === 'never' ? t('sleep.choice-never') : format.minutes(Number(value)),
          })),
          { value: 'other', label: t('sleep.choice-other') },
        ]}
        onChange={(value) => {
          setPicked(value)
          setWrong(false)
          if (saving.isError) saving.reset()
        }}
      />
      {choice === 'other' ? (
        <Field
          // Another value, such as one saved in another tab, fills the field.
          key={sleepAfterMinutes}
          label={t('sleep.minutes')}
          name="minutes"
          inputMode="numeric"
          autoComplete="off"
          maxLength={5}
          defaultValue={sleepAfterMinutes ?? ''}
          problem={isWrong ? t('sleep.wrong') : isOutOfRange ? t('sleep.range') : undefined}
        />
      ) : null}
      <p className="hint">{t('sleep.hint')}</p>
      {saving.isError && !isOutOfRange ? <Notice tone="danger">{sayProblem(saving.error)}</Notice> : null}
      <div className="actions">
        <Button type="submit" tone="quiet" isBusy={saving.isPending}>
          {t('sleep.save')}
        </Button>
      </div>
    </form>
  )
}

const dayMilliseconds = 86_400_000

/** Says what happens when, and asks for the hostname of the site to delete. */
const DeleteDialog = ({ site, acting, onClose }: Readonly<{ site: Site; acting: Acting; onClose: () => void }>) => {
  const page = usePage()
  const { t, format } = page
  const now = useNow()
  const update = useUpdateSite(site.id)
  const { id, name, hostname, deletionDays } = site
  const { data: billing } = useQuery(billingQuery(id))
  const until = new Date(Date.parse(now) + (deletionDays ?? 0) * dayMilliseconds).toISOString()
  return (
    <DeletionDialog
      title={t('delete.ask', { site: name })}
      consequences={[
        t(isLive(site) ? 'delete.now' : 'delete.stays', { site: name }),
        deletionText(page, billing, site),
        t('delete.until', { at: format.instant(until) }),
        t('delete.then'),
      ].filter((text) => text !== '')}
      label={t('delete.confirm', { hostname })}
      wrong={t('delete.wrong')}
      act={t('delete.act')}
      remove={(confirm) => bodyOf(api.DELETE('/v1/sites/{id}', { params: { path: { id } }, body: { confirm } }))}
      onDone={async (after) => {
        onClose()
        await update(after)
        const at = after.deletion?.purgeAt
        const text = at ? t('news.delete-at', { at: format.date(at) }) : t('news.delete')
        toast({ text, undo: () => acting.mutate('keep') })
      }}
      onClose={onClose}
    />
  )
}

/** The name of the site, when it sleeps, and its end. */
export const SiteSettings = ({ site }: { readonly site: Site }) => {
  const page = usePage()
  const { t, format } = page
  const may = useMay()
  const [isAsking, setAsking] = useState(false)
  const [isRenaming, setRenaming] = useState(false)
  const acting = useActing(site)
  return (
    <div className="view">
      {may('changeSite', site) ? (
        <Panel title={t('rename.name')}>
          <p>
            <bdi>{site.name}</bdi>
          </p>
          <div className="actions">
            <Button tone="quiet" onClick={() => setRenaming(true)}>
              {t('rename.open')}
            </Button>
          </div>
        </Panel>
      ) : null}
      {isRenaming ? <RenameDialog site={site} onClose={() => setRenaming(false)} /> : null}
      <Panel title={t('sleep.title')}>
        <p>{sleepText(page, site.sleepAfterMinutes)}</p>
        {isLive(site) && mayBePaid(site) && may('changeSite', site) ? <SleepForm site={site} /> : null}
        {isTrial(site) ? <p className="quiet-text">{t('sleep.trial')}</p> : null}
      </Panel>
      {mayDelete(site) && may('deleteSite') ? (
        <Panel title={t('delete.title')}>
          <p>{t('delete.lead', { days: format.days(site.deletionDays ?? 0) })}</p>
          <div className="actions">
            <Button tone="danger" onClick={() => setAsking(true)}>
              {t('delete.act')}
            </Button>
          </div>
        </Panel>
      ) : null}
      <Failure error={acting.error} />
      {isAsking ? <DeleteDialog site={site} acting={acting} onClose={() => setAsking(false)} /> : null}
    </div>
  )
}
