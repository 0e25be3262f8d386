import { useEffect, useRef, useState } from 'react'
import type { ui } from '../texts/catalogues/ui.ts'
import { useTexts } from '../texts/texts.ts'
import { Button } from './button.tsx'

const shownMilliseconds = 2000

interface CopyButtonProps {
  readonly text: string
  /** Names the text, for screen readers. */
  readonly of: string
  /** Called if the browser does not let the page copy: it allows that on HTTPS and on its own machine only. */
  readonly onRefused?: () => void
}

/** Copies a text, and says so for a moment. */
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
    <Button tone="quiet" aria-label={`${word}: ${of}`} onClick={copy}>
      {word}
    </Button>
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
