import { useMutation } from '@tanstack/react-query'
import { isKind } from '../api/api-error.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, focusField } from '../ui/field.tsx'
import { usePage } from './page.ts'

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

/** Says what a deletion does, and has the owner type what is deleted. */
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
    <Dialog title={title} isOpen onClose={onClose}>
      <ul className="consequences">
        {consequences.map((consequence) => (
          <li key={consequence}>{consequence}</li>
        ))}
      </ul>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!removing.isPending) removing.mutate(event.currentTarget)
        }}
      >
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
          <Button tone="quiet" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
