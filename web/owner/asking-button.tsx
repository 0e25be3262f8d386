import { useMutation } from '@tanstack/react-query'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { usePage } from './page.ts'

interface AskingButtonProps extends Pick<ComponentProps<typeof Button>, 'tone' | 'of' | 'children'> {
  readonly title: string
  readonly consequence: string
  /** The button that does it. */
  readonly label: ReactNode
  readonly act: () => Promise<unknown>
  readonly onDone: () => unknown
}

/** A button that takes something away, and asks before. */
export const AskingButton = ({ title, consequence, label, act, onDone, ...button }: AskingButtonProps) => {
  const { t } = usePage()
  const [isAsking, setAsking] = useState(false)
  const close = () => setAsking(false)
  const acting = useMutation({
    mutationFn: act,
    onSuccess: () => {
      close()
      onDone()
    },
  })
  return (
    <>
      <Button {...button} onClick={() => setAsking(true)} />
      <Dialog title={title} isOpen={isAsking} isBusy={acting.isPending} onClose={close}>
        <p className="lead">{consequence}</p>
        <div className="actions">
          <Button tone="danger" isBusy={acting.isPending} onClick={() => acting.mutate()}>
            {label}
          </Button>
          <Button tone="quiet" isDisabled={acting.isPending} onClick={close}>
            {t('parts.cancel')}
          </Button>
        </div>
        <Failure error={acting.error} />
      </Dialog>
    </>
  )
}
