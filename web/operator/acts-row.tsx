import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { ReasonForm } from './reason-form.tsx'
import { usePage } from './use-page.ts'

interface NamedAct {
  readonly id: string
  readonly label: string
  readonly isDangerous?: boolean
}

interface OpenDialog {
  readonly onClose: () => void
  readonly onDone: () => void
}

interface ActsRowProps<Act extends NamedAct> {
  readonly acts: readonly Act[]
  /** The names of the queries that an act changes. */
  readonly refreshes: readonly string[]
  readonly dialogOf: (act: Act, open: OpenDialog) => ReactNode
}

/** Buttons of acts. Each opens a dialog, and says when it is done. */
export const ActsRow = <Act extends NamedAct>({ acts, refreshes, dialogOf }: ActsRowProps<Act>) => {
  const { t } = usePage()
  const queries = useQueryClient()
  const [act, setAct] = useState<Act>()
  const [done, setDone] = useState<string>()
  const finish = ({ label }: Act): void => {
    setAct(undefined)
    setDone(label)
    queries.invalidateQueries({ predicate: ({ queryKey: [key] }) => refreshes.some((name) => name === key) })
  }
  return (
    <>
      <div className="actions">
        {acts.map((offered) => (
          <Button key={offered.id} tone={offered.isDangerous ? 'danger' : 'quiet'} onClick={() => setAct(offered)}>
            {offered.label}
          </Button>
        ))}
      </div>
      {done === undefined ? null : <Notice tone="good">{t('act.done', { act: done })}</Notice>}
      {act && dialogOf(act, { onClose: () => setAct(undefined), onDone: () => finish(act) })}
    </>
  )
}

export interface Control extends NamedAct {
  /** What it acts on, if the label does not say so. */
  readonly of?: string
  /** What follows, in words. */
  readonly effect: ReactNode
  readonly fields?: ReactNode
  readonly perform: (reason: string, form: FormData) => Promise<unknown>
}

const ControlDialog = ({ control, onClose, onDone }: OpenDialog & { readonly control: Control }) => {
  const { label, of, effect, isDangerous, fields, perform } = control
  const acting = useMutation({
    mutationFn: (given: Parameters<Control['perform']>) => perform(...given),
    onSuccess: onDone,
  })
  return (
    <Dialog title={of === undefined ? label : `${label}: ${of}`} isOpen onClose={onClose}>
      <p className="lead">{effect}</p>
      <ReasonForm
        {...{ label, isDangerous, onClose }}
        error={acting.error}
        isBusy={acting.isPending}
        onReason={(...given) => acting.mutate(given)}
      >
        {fields}
      </ReasonForm>
    </Dialog>
  )
}

/** What an operator can do to the installation. Each control asks for a reason and says what follows. */
export const Controls = ({
  controls,
  refresh,
}: {
  readonly controls: readonly Control[]
  readonly refresh: string
}) => (
  <ActsRow
    acts={controls}
    refreshes={[refresh]}
    dialogOf={(control, open) => <ControlDialog control={control} {...open} />}
  />
)
