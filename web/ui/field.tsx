import { type ComponentProps, type ReactNode, type SubmitEvent, useId } from 'react'

interface FieldProps extends Omit<ComponentProps<'input'>, 'className'> {
  readonly label: string
  /** The problem, shown beside the field. */
  readonly problem?: ReactNode
  readonly hint?: ReactNode
  /** Fixed text after the value, such as a domain. */
  readonly suffix?: string | undefined
  readonly look?: 'code' | undefined
}

export const Field = ({ label, problem, hint, suffix, look, id: given, ...input }: FieldProps) => {
  const own = useId()
  const id = given ?? own
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box" data-look={look} data-invalid={problem === undefined ? undefined : ''}>
        <input
          {...input}
          id={id}
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={`${id}-problem ${id}-hint`}
        />
        {suffix === undefined ? null : <span className="field-suffix">{suffix}</span>}
      </div>
      <p className="problem" id={`${id}-problem`} aria-live="polite">
        {problem}
      </p>
      <div className="hint" id={`${id}-hint`} aria-live="polite">
        {hint}
      </div>
    </div>
  )
}

type CheckboxProps = Omit<ComponentProps<'input'>, 'id' | 'className' | 'type'>

export const Checkbox = ({ children, ...input }: CheckboxProps) => (
  <label className="field check">
    <input {...input} type="checkbox" />
    <span>{children}</span>
  </label>
)

/** What a form sends without a choice. */
export const Given = (input: { readonly name: string; readonly value: string }) => <input {...input} type="hidden" />

interface ChoiceProps {
  readonly label: string
  readonly name: string
  readonly value: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly onChange: (value: string) => void
}

/** One of a few options, all shown. */
export const Choice = ({ label, name, value, options, onChange }: ChoiceProps) => (
  <fieldset className="choice">
    <legend>{label}</legend>
    {options.map((option) => (
      <label key={option.value}>
        <input
          type="radio"
          name={name}
          value={option.value}
          checked={option.value === value}
          onChange={() => onChange(option.value)}
        />
        <span>{option.label}</span>
      </label>
    ))}
  </fieldset>
)

export const FieldGroup = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <fieldset className="field-group">
    <legend>{title}</legend>
    <div>{children}</div>
  </fieldset>
)

interface SelectProps extends Omit<ComponentProps<'select'>, 'id' | 'className' | 'onChange'> {
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly onChange?: (value: string) => void
  readonly problem?: ReactNode
}

export const Select = ({ label, options, onChange, problem, ...select }: SelectProps) => {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box" data-invalid={problem === undefined ? undefined : ''}>
        <select
          {...select}
          id={id}
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={`${id}-problem`}
          onChange={({ target }) => onChange?.(target.value)}
        >
          {options.map(({ value, label: text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </div>
      <p className="problem" id={`${id}-problem`} aria-live="polite">
        {problem}
      </p>
    </div>
  )
}

interface LongFieldProps extends Omit<ComponentProps<'textarea'>, 'id' | 'className'> {
  readonly label: string
  readonly problem?: string | undefined
  readonly hint?: ReactNode
}

export const LongField = ({ label, problem, hint, ...area }: LongFieldProps) => {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box" data-invalid={problem === undefined ? undefined : ''}>
        <textarea
          {...area}
          id={id}
          aria-invalid={problem === undefined ? undefined : true}
          aria-describedby={`${id}-problem ${id}-hint`}
        />
      </div>
      <p className="problem" id={`${id}-problem`} aria-live="polite">
        {problem}
      </p>
      <div className="hint" id={`${id}-hint`}>
        {hint}
      </div>
    </div>
  )
}

/** Goes to the first field with a problem. */
export const focusField = (form: HTMLFormElement, name: string): void => {
  const field = form.elements.namedItem(name)
  if (field instanceof HTMLElement) field.focus()
}

/** Has a mutation send the form instead of the browser, unless it is at it. */
export const sendBy =
  ({ isPending, mutate }: { readonly isPending: boolean; readonly mutate: (form: HTMLFormElement) => void }) =>
  (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault()
    if (!isPending) mutate(event.currentTarget)
  }

/** What somebody typed in a field, without spaces around it. */
export const textIn = (form: FormData, name: string): string => String(form.get(name) ?? '').trim()
