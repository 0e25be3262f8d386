import { useMutation } from '@tanstack/react-query'
import { api, bodyOf, isKind } from '../api/client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, focusField, LongField, Select, sendBy } from '../ui/field.tsx'
import { toast } from '../ui/toast.tsx'
import { usePage, useUpdateSite } from './page.ts'
import { addressOf, type Site } from './site-words.ts'

const topics = ['plans', 'enterprise', 'services', 'other'] as const

export const ContactDialog = ({ siteId, onClose }: { readonly siteId: string; readonly onClose: () => void }) => {
  const { t } = usePage()
  const asking = useMutation({
    mutationFn: (element: HTMLFormElement) => {
      const form = new FormData(element)
      const topic = topics.find((known) => known === form.get('topic')) ?? 'other'
      const body = { topic, message: String(form.get('message') ?? '') }
      return api.POST('/v1/sites/{id}/contact-requests', { params: { path: { id: siteId } }, body })
    },
    onSuccess: () => {
      onClose()
      toast({ text: t('contact.done') })
    },
  })
  return (
    <Dialog title={t('contact.open')} isOpen isBusy={asking.isPending} onClose={onClose}>
      <form onSubmit={sendBy(asking)}>
        <Select
          label={t('contact.topic')}
          name="topic"
          options={topics.map((value) => ({ value, label: t(`contact.${value}`) }))}
        />
        <LongField label={t('contact.message')} name="message" maxLength={2000} />
        <Failure error={asking.error} />
        <div className="actions">
          <Button type="submit" isBusy={asking.isPending}>
            {t('contact.send')}
          </Button>
          <Button tone="quiet" isDisabled={asking.isPending} onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Renames a site. Its address stays. */
export const RenameDialog = ({ site, onClose }: { readonly site: Site; readonly onClose: () => void }) => {
  const { t, sayProblem } = usePage()
  const update = useUpdateSite(site.id)
  const rename = async (name: string) => {
    const after = await bodyOf(api.PATCH('/v1/sites/{id}', { params: { path: { id: site.id } }, body: { name } }))
    await update(after)
    return t('rename.done', { name: after.name })
  }
  const undo = () =>
    rename(site.name).then(
      (text) => toast({ text }),
      (error: unknown) => toast({ text: sayProblem(error), tone: 'danger' }),
    )
  const renaming = useMutation({
    mutationFn: (form: HTMLFormElement) => rename(String(new FormData(form).get('name') ?? '').trim()),
    onSuccess: (text) => {
      onClose()
      toast({ text, undo })
    },
    onError: (_error, form) => focusField(form, 'name'),
  })
  return (
    <Dialog title={t('rename.open')} isOpen isBusy={renaming.isPending} onClose={onClose}>
      <form onSubmit={sendBy(renaming)}>
        <Field
          label={t('rename.name')}
          name="name"
          defaultValue={site.name}
          maxLength={100}
          dir="auto"
          autoComplete="off"
          autoFocus
          required
          hint={t('rename.hint', { hostname: addressOf(site) })}
        />
        <Failure error={renaming.error} />
        <div className="actions">
          <Button type="submit" isBusy={renaming.isPending}>
            {t('rename.act')}
          </Button>
          <Button tone="quiet" isDisabled={renaming.isPending} onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface DeletionDialogProps<Answer> {
  readonly title: string
  /** What happens when, in words. */
  readonly consequences: readonly string[]
  /** Says what to type. */
  readonly label: string
  /** Shown if something else was typed. */
  readonly wrong: string
  readonly act: string
  /** Takes what was typed; the API compares it. */
  readonly remove: (confirm: string) => Promise<Answer>
  readonly onDone: (answer: Answer) => void
  readonly onClose: () => void
}

export const DeletionDialog = <Answer,>(props: DeletionDialogProps<Answer>) => {
  const { title, consequences, label, wrong, act, remove, onDone, onClose } = props
  const { t } = usePage()
  const removing = useMutation({
    mutationFn: (form: HTMLFormElement) => remove(String(new FormData(form).get('confirm') ?? '')),
    onSuccess: onDone,
    onError: (_error, form) => focusField(form, 'confirm'),
  })
  const isWrong = isKind(removing.error, 'confirmation-wrong', 'invalid-request')
  return (
    <Dialog title={title} isOpen isBusy={removing.isPending} onClose={onClose}>
      <ul className="consequences">
        {consequences.map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <form noValidate onSubmit={sendBy(removing)}>
        <Field
          label={label}
          name="confirm"
          maxLength={255}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          problem={isWrong ? wrong : undefined}
        />
        <Failure error={isWrong ? null : removing.error} />
        <div className="actions">
          <Button type="submit" tone="danger" isBusy={removing.isPending}>
            {act}
          </Button>
          <Button tone="quiet" isDisabled={removing.isPending} onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
