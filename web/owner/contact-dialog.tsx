import { useMutation } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { api } from '../api/client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { LongField, Select } from '../ui/field.tsx'
import { toast } from '../ui/toast.tsx'
import { usePage } from './page.ts'

const topics = ['plans', 'enterprise', 'services', 'other'] as const

interface ContactDialogProps {
  readonly siteId: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** The form with which an owner asks sales to get in touch. */
export const ContactDialog = ({ siteId, isOpen, onClose }: ContactDialogProps) => {
  const { t } = usePage()
  const asking = useMutation({
    mutationFn: (form: FormData) => {
      const topic = topics.find((known) => known === form.get('topic')) ?? 'other'
      const body = { topic, message: String(form.get('message') ?? '') }
      return api.POST('/v1/sites/{id}/contact-requests', { params: { path: { id: siteId } }, body })
    },
    onSuccess: () => {
      onClose()
      toast({ text: t('contact.done') })
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (!asking.isPending) asking.mutate(new FormData(event.currentTarget))
  }
  return (
    <Dialog title={t('contact.open')} isOpen={isOpen} onClose={onClose}>
      <form onSubmit={submit}>
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
          <Button tone="quiet" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
