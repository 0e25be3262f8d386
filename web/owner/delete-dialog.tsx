import { useMutation } from '@tanstack/react-query'
import { isKind } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, focusField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { isLive } from './site-words.ts'
import { useNow } from './use-now.ts'
import { usePage } from './use-page.ts'
import type { Site } from './use-site.ts'

interface DeleteDialogProps {
  readonly site: Site
  readonly onClose: () => void
  readonly onDeleted: (site: Site) => void
}

const dayMilliseconds = 86_400_000

/** Says what happens when, and asks for the hostname of the site to delete. */
export const DeleteDialog = ({ site, onClose, onDeleted }: DeleteDialogProps) => {
  const { t, format, sayProblem } = usePage()
  const now = useNow()
  const { id, name, hostname, deletionDays, trialEndsAt } = site
  const deleting = useMutation({
    mutationFn: (confirm: string) =>
      bodyOf(api.DELETE('/v1/sites/{id}', { params: { path: { id } }, body: { confirm } })),
    onSuccess: onDeleted,
  })
  const isWrong = isKind(deleting.error, 'confirmation-wrong', 'invalid-request')
  const until = new Date(Date.parse(now) + (deletionDays ?? 0) * dayMilliseconds).toISOString()
  return (
    <Dialog title={t('delete.ask', { site: name })} isOpen onClose={onClose}>
      <ul className="consequences">
        <li>{t(isLive(site) ? 'delete.now' : 'delete.stays', { site: name })}</li>
        {trialEndsAt === null ? <li>{t('delete.paid')}</li> : null}
        <li>{t('delete.until', { at: format.instant(until) })}</li>
        <li>{t('delete.then')}</li>
      </ul>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          const form = event.currentTarget
          const confirm = String(new FormData(form).get('confirm') ?? '')
          if (!deleting.isPending) deleting.mutate(confirm, { onError: () => focusField(form, 'confirm') })
        }}
      >
        <Field
          label={t('delete.confirm', { hostname })}
          name="confirm"
          maxLength={255}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          problem={isWrong ? t('delete.wrong') : undefined}
        />
        {deleting.isError && !isWrong ? <Notice tone="danger">{sayProblem(deleting.error)}</Notice> : null}
        <div className="actions">
          <Button type="submit" tone="danger" isBusy={deleting.isPending}>
            {t('delete.act')}
          </Button>
          <Button tone="quiet" onClick={onClose}>
            {t('delete.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
