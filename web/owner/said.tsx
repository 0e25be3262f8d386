import { usePage } from './use-page.ts'

interface SaidProps {
  readonly text: string
  /** What a mail about it is about, such as a site's hostname. */
  readonly subject: string
}

/** A text; words in brackets become a link that mails us. What separates the parts of such a link is quoted (RFC 6068). */
export const Said = ({ text, subject }: SaidProps) => {
  const { settings } = usePage()
  const to = settings.contact.replace(/^.*(?=@)/, encodeURIComponent)
  const href = `mailto:${to}?subject=${encodeURIComponent(subject)}`
  // `split` returns the captured words at odd places.
  return text.split(/\[(.+?)\]/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <a key={part} href={href} title={settings.contact}>
        {part}
      </a>
    ),
  )
}
