import type { ReactNode } from 'react'
import { useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { Button } from '../ui/button.tsx'
import { focusField, LongField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { usePage } from './use-page.ts'

interface ReasonFormProps {
  /** The button, which says what happens. */
  readonly label: string
  readonly isDangerous?: boolean | undefined
  readonly error: unknown
  readonly isBusy: boolean
  /** More fields, above the reason. */
  readonly children?: ReactNode
  readonly onReason: (reason: string, form: FormData) => void
  readonly onClose: () => void
}

/** Asks for the reason of an act. The form stays as it is after a failure. */
export const ReasonForm = ({ label, isDangerous, error, isBusy, children, onReason, onClose }: ReasonFormProps) => {
  const { t, sayProblem } = usePage()
  const [lacksReason, setLacksReason] = useState(false)
  const refused = error instanceof ApiError && error.status === 409 ? error.message : undefined
  const submit = (form: HTMLFormElement): void => {
    const given = new FormData(form)
    const reason = String(given.get('reason') ?? '').trim()
    setLacksReason(reason === '')
    if (reason === '') focusField(form, 'reason')
    else if (!isBusy) onReason(reason, given)
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit(event.currentTarget)
      }}
    >
      {children}
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
        <Button type="submit" tone={isDangerous ? 'danger' : 'primary'} isBusy={isBusy}>
          {label}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          {t('act.cancel')}
        </Button>
      </div>
    </form>
  )
}
