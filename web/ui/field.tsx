import { type ComponentProps, type ReactNode, type SubmitEvent, useId } from 'react'

interface Described {
  readonly label: string
  /** The problem, shown beside the field. */
  readonly problem?: ReactNode
  readonly hint?: ReactNode
}

interface FrameProps extends Described {
  readonly id: string
  readonly variant?: 'code' | undefined
  readonly children: ReactNode
}

/** What stands around a control; `describedBy` gives the control the same. */
const Frame = ({ id, label, problem, hint, variant, children }: FrameProps) => (
  <div className="field">
    <label htmlFor={id}>{label}</label>
    <div className="field-box" data-variant={variant} data-invalid={problem === undefined ? undefined : ''}>
      {children}
    </div>
    <p className="problem" id={`${id}-problem`} aria-live="polite">
      {problem}
    </p>
    <div className="hint" id={`${id}-hint`} aria-live="polite">
      {hint}
    </div>
  </div>
)

const describedBy = (id: string, problem: ReactNode) => ({
  id,
  'aria-invalid': problem === undefined ? undefined : true,
  'aria-describedby': `${id}-problem ${id}-hint`,
})

interface FieldProps extends Described, Omit<ComponentProps<'input'>, 'className'> {
  /** Fixed text after the value, such as a domain. */
  readonly suffix?: string | undefined
  readonly variant?: 'code' | undefined
}

export const Field = ({ label, problem, hint, suffix, variant, id: given, ...input }: FieldProps) => {
  const own = useId()
  const id = given ?? own
  return (
    <Frame {...{ id, label, problem, hint, variant }}>
      <input {...input} {...describedBy(id, problem)} />
      {suffix === undefined ? null : <span className="field-suffix">{suffix}</span>}
    </Frame>
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

interface SelectProps extends Described, Omit<ComponentProps<'select'>, 'id' | 'className' | 'onChange'> {
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly onChange?: (value: string) => void
}

export const Select = ({ label, options, onChange, problem, hint, ...select }: SelectProps) => {
  const id = useId()
  return (
    <Frame {...{ id, label, problem, hint }}>
      <select {...select} {...describedBy(id, problem)} onChange={({ target }) => onChange?.(target.value)}>
        {options.map(({ value, label: text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  )
}

type LongFieldProps = Described & Omit<ComponentProps<'textarea'>, 'id' | 'className'>

export const LongField = ({ label, problem, hint, ...area }: LongFieldProps) => {
  const id = useId()
  return (
    <Frame {...{ id, label, problem, hint }}>
      <textarea {...area} {...describedBy(id, problem)} />
    </Frame>
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
