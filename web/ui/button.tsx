import { useMutation } from '@tanstack/react-query'
import { type ComponentProps, type ReactNode, useEffect, useRef, useState } from 'react'
import type { ui } from '../texts/catalogues/ui.ts'
import { useTexts } from '../texts/texts.ts'
import { Notice } from './panel.tsx'
import { usePageOf } from './use-page.ts'

interface ButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'disabled'> {
  readonly tone?: 'primary' | 'quiet' | 'plain' | 'danger'
  /** Ignores presses, keeps the focus and shows that something runs. */
  readonly isBusy?: boolean | undefined
  readonly isDisabled?: boolean | undefined
  /** What it acts on, for screen readers, if its text does not say so. */
  readonly of?: string | undefined
  readonly children: ReactNode
}

export const Button = ({
  tone = 'primary',
  isBusy,
  isDisabled,
  of,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) => (
  <button
    {...rest}
    {...(of !== undefined && { 'aria-label': `${rest.children}: ${of}` })}
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

export const LinkButton = ({ tone = 'primary', children, ...rest }: LinkButtonProps) => (
  <a {...rest} className={`button ${tone}`}>
    {children}
  </a>
)

export const Failure = ({ error }: { readonly error: unknown }) => {
  const { sayProblem } = usePageOf()
  return error === null || error === undefined ? null : <Notice tone="danger">{sayProblem(error)}</Notice>
}

interface ActButtonProps<Answer> extends Omit<ComponentProps<typeof Button>, 'onClick' | 'type'> {
  readonly act: () => Promise<Answer>
  readonly onDone?: (answer: Answer) => unknown
}

/** A button that has the API do something. It says beside it what went wrong. */
export const ActButton = <Answer,>({ act, onDone, isBusy, tone = 'quiet', ...button }: ActButtonProps<Answer>) => {
  const acting = useMutation({ mutationFn: act, onSuccess: async (answer) => onDone?.(answer) })
  return (
    <>
      <Button {...button} tone={tone} isBusy={isBusy || acting.isPending} onClick={() => acting.mutate()} />
      <Failure error={acting.error} />
    </>
  )
}

const shownMilliseconds = 2000

interface CopyButtonProps {
  readonly text: string
  /** Names the text, for screen readers. */
  readonly of: string
  /** Called if the browser does not let the page copy: it allows that on HTTPS and on its own machine only. */
  readonly onRefused?: () => void
}

export const CopyButton = ({ text, of, onRefused }: CopyButtonProps) => {
  const { t } = useTexts<keyof typeof ui>()
  const [done, setDone] = useState<'copied' | 'selected'>()
  useEffect(() => {
    const timer = done === undefined ? undefined : setTimeout(() => setDone(undefined), shownMilliseconds)
    return () => clearTimeout(timer)
  }, [done])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setDone('copied')
    } catch {
      onRefused?.()
      setDone(onRefused && 'selected')
    }
  }
  const word = t(`copy.${done ?? 'copy'}`)
  return (
    <button
      type="button"
      className="button plain copy-button"
      title={word}
      aria-label={`${word}: ${of}`}
      data-done={done}
      onClick={copy}
    >
      {done === 'selected' ? (
        word
      ) : (
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={done === 'copied' ? 'M2.5 8.5 6 12l7.5-8' : 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z'} />
        </svg>
      )}
    </button>
  )
}

/** A text to copy, with a button. Where the page cannot copy, the button selects it. */
export const CopyText = ({ text, of }: Pick<CopyButtonProps, 'text' | 'of'>) => {
  const source = useRef<HTMLElement>(null)
  const select = () => source.current && getSelection()?.selectAllChildren(source.current)
  return (
    <span className="copy-text">
      <code ref={source}>{text}</code>
      <CopyButton text={text} of={of} onRefused={select} />
    </span>
  )
}
