import type { ComponentProps, ReactNode } from 'react'

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  readonly tone?: 'primary' | 'quiet' | 'plain' | 'danger'
  /** Ignores presses, keeps the focus and shows that something runs. */
  readonly isBusy?: boolean | undefined
  readonly isDisabled?: boolean | undefined
  readonly children: ReactNode
}

export const Button = ({ tone = 'primary', isBusy, isDisabled, onClick, type = 'button', ...rest }: ButtonProps) => (
  <button
    {...rest}
    type={type}
    className={`button ${tone}`}
    aria-disabled={isBusy || isDisabled ? true : undefined}
    data-busy={isBusy ? '' : undefined}
    onClick={(event) => {
      if (isBusy || isDisabled) event.preventDefault()
      else onClick?.(event)
    }}
  />
)

interface LinkButtonProps extends Omit<ComponentProps<'a'>, 'className'> {
  readonly tone?: 'primary' | 'quiet' | 'plain'
}

/** A link that looks like a button: it goes somewhere. */
export const LinkButton = ({ tone = 'primary', children, ...rest }: LinkButtonProps) => (
  <a {...rest} className={`button ${tone}`}>
    {children}
  </a>
)
