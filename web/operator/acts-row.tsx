import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { focusField, LongField } from '../ui/field.tsx'
import { Menu } from '../ui/menu.tsx'
import { Notice } from '../ui/panel.tsx'
import { toast } from '../ui/toast.tsx'
import { offerActs } from './offered-acts.ts'
import { usePage } from './page.tsx'

interface NamedAct {
  readonly id: string
  readonly label: string
  /** What it acts on, if the label does not say so. */
  readonly of?: string
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

/** More acts than this stand behind a button with dots, except for the first ones. */
const maxButtons = 2

/** Buttons of acts, and a menu of the others. Each opens a dialog, and says when it is done. */
export const ActsRow = <Act extends NamedAct>({ acts, refreshes, dialogOf }: ActsRowProps<Act>) => {
  const { t } = usePage()
  const queries = useQueryClient()
  const [act, setAct] = useState<Act>()
  useEffect(() => offerActs(acts.map((one) => ({ text: one.label, detail: one.of, run: () => setAct(one) }))), [acts])
  const finish = ({ label }: Act): void => {
    setAct(undefined)
    toast({ text: t('act.done', { act: label }) })
    queries.invalidateQueries({ predicate: ({ queryKey: [key] }) => refreshes.some((name) => name === key) })
  }
  return (
    <>
      <div className="actions">
        {acts.slice(0, maxButtons).map((offered) => (
          <Button
            key={offered.id}
            tone="quiet"
            data-danger={offered.isDangerous ? '' : undefined}
            aria-label={titleOf(offered)}
            onClick={() => setAct(offered)}
          >
            {offered.label}
          </Button>
        ))}
        {acts.length > maxButtons ? (
          <Menu
            label={t('act.more')}
            items={acts.slice(maxButtons).map((offered) => ({ title: offered.label, onAction: () => setAct(offered) }))}
          />
        ) : null}
      </div>
      {act && dialogOf(act, { onClose: () => setAct(undefined), onDone: () => finish(act) })}
    </>
  )
}

export interface Control extends NamedAct {
  /** What follows, in words. */
  readonly effect: ReactNode
  /** @param isRefused whether the API refused what was typed there */
  readonly fields?: (isRefused: (name: string) => boolean) => ReactNode
  readonly perform: (reason: string, form: FormData) => Promise<unknown>
}

const titleOf = ({ label, of }: NamedAct): string => (of === undefined ? label : `${label}: ${of}`)

const ControlDialog = ({ control, onClose, onDone }: OpenDialog & { readonly control: Control }) => {
  const { label, effect, isDangerous, fields, perform } = control
  const acting = useMutation({
    mutationFn: (given: Parameters<Control['perform']>) => perform(...given),
    onSuccess: onDone,
  })
  const { error } = acting
  return (
    <Dialog title={titleOf(control)} isOpen isBusy={acting.isPending} onClose={onClose}>
      <p className="lead">{effect}</p>
      <ReasonForm
        {...{ label, isDangerous, onClose }}
        error={error}
        isBusy={acting.isPending}
        onReason={(...given) => acting.mutate(given)}
      >
        {fields?.((name) => error instanceof ApiError && error.fields.some(({ path }) => path === name))}
      </ReasonForm>
    </Dialog>
  )
}

/** What an operator can do to the installation. Each control asks for a reason and says what follows. */
export const Controls = ({ controls, refresh }: Readonly<{ controls: readonly Control[]; refresh: string }>) => (
  <ActsRow
    acts={controls}
    refreshes={[refresh]}
    dialogOf={(control, open) => <ControlDialog control={control} {...open} />}
  />
)

interface ReasonFormProps {
  /** The button, which says what happens. */
  readonly label: string
  readonly isDangerous?: boolean | undefined
  readonly error: unknown
  readonly isBusy: boolean
  /** More fields, above the reason. */
  readonly children?: ReactNode
  /** What it would do is not known yet. */
  readonly isWaiting?: boolean
  readonly onReason: (reason: string, form: FormData) => void
  readonly onClose: () => void
}

/** What the API says in English of something that is not possible, or of a file. */
const refusalOf = (error: unknown): string | undefined => {
  if (!(error instanceof ApiError)) return undefined
  if (error.status === 409 || error.kind === 'blueprint-invalid') return error.message
  const inFile = error.fields.filter(({ path }) => /^(blueprint|extension)/.test(path))
  return inFile.map(({ path, message }) => `${path}: ${message}`).join('; ') || undefined
}

/** Asks for the reason of an act. The form stays as it is after a failure. */
export const ReasonForm = ({ label, isDangerous, error, isBusy, isWaiting, children, ...on }: ReasonFormProps) => {
  const { t, sayProblem } = usePage()
  const [lacksReason, setLacksReason] = useState(false)
  const refused = refusalOf(error)
  const submit = (form: HTMLFormElement): void => {
    const given = new FormData(form)
    const reason = String(given.get('reason') ?? '').trim()
    setLacksReason(reason === '')
    if (reason === '') focusField(form, 'reason')
    else if (!isBusy && !isWaiting) on.onReason(reason, given)
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
        <Button type="submit" tone={isDangerous ? 'danger' : 'primary'} isBusy={isBusy || isWaiting}>
          {label}
        </Button>
        <Button tone="quiet" isDisabled={isBusy} onClick={on.onClose}>
          {t('act.cancel')}
        </Button>
      </div>
    </form>
  )
}
