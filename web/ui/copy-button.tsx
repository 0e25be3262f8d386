import { useEffect, useState } from 'react'
import type { ui } from '../texts/en/ui.ts'
import { useTexts } from '../texts/texts.ts'
import { Button } from './button.tsx'

const shownMilliseconds = 2000

/** Copies a text, and says so for a moment. @param of what is copied, for screen readers. */
export const CopyButton = ({ text, of }: { readonly text: string; readonly of: string }) => {
  const { t } = useTexts<keyof typeof ui>()
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    const timer = isCopied ? setTimeout(() => setCopied(false), shownMilliseconds) : undefined
    return () => clearTimeout(timer)
  }, [isCopied])
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <Button tone="quiet" aria-label={`${isCopied ? t('copy.copied') : t('copy.copy')}: ${of}`} onClick={copy}>
      {isCopied ? t('copy.copied') : t('copy.copy')}
    </Button>
  )
}
