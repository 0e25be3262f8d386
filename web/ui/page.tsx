import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { createQueryClient } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import type { ui } from '../texts/catalogues/ui.ts'
import { createTexts, TextsProvider } from '../texts/texts.ts'
import { Button } from './button.tsx'
import { useKeptFocus } from './keep-focus.ts'
import { SettingsProvider, usePageOf } from './use-page.ts'

/** Remembers the language and loads the page in it. The server reads the cookie. */
export const chooseLanguage = (language: string): void => {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in all browsers.
  document.cookie = `language=${language}; path=/; max-age=31536000; samesite=lax${secure}`
  location.reload()
}

interface PageFrameProps {
  /** On the right of the header, such as who is signed in. */
  readonly person?: ReactNode
  /** Beside the page, such as its views. */
  readonly side?: ReactNode
  readonly children: ReactNode
}

const PageFrame = ({ person, side, children }: PageFrameProps) => {
  const { t, language, settings } = usePageOf<keyof typeof ui>()
  const { terms, privacy, imprint } = settings.legal
  useKeptFocus()
  const links = [
    [t('frame.terms'), terms],
    [t('frame.privacy'), privacy],
    [t('frame.imprint'), imprint],
    [t('frame.contact'), `mailto:${settings.contact}`],
  ] as const
  const other = language === 'en' ? 'de' : 'en'
  return (
    <div className="frame">
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to a place of the page, as an anchor does before any script. */}
      <a className="skip" href="#main" onClick={(event) => skipTo(event, 'main')}>
        {t('frame.skip')}
      </a>
      <header className="frame-header">
        <a className="brand" href={`${settings.base}/`}>
          {settings.logo === undefined ? (
            <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
              <rect width="32" height="32" rx="8" />
              <path d="M7.5 15.5 16 8l8.5 7.5" />
              <path d="M10.5 19h11v5.5h-11z" />
            </svg>
          ) : (
            <img className="brand-logo" src={settings.logo} alt="" />
          )}
          {settings.brand}
        </a>
        <div className="person">{person}</div>
      </header>
      {side}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="frame-footer">
        <nav aria-label={settings.brand}>
          {links.map(([text, href]) =>
            href === undefined ? null : (
              <a key={text} href={href}>
                {text}
              </a>
            ),
          )}
        </nav>
        {settings.languages.includes(other) ? (
          <Button tone="plain" lang={other} onClick={() => chooseLanguage(other)}>
            {t('frame.language')}
          </Button>
        ) : null}
      </footer>
    </div>
  )
}

/** The address keeps its fragment, which is the page's route. */
const skipTo = (event: { preventDefault: () => void }, id: string): void => {
  event.preventDefault()
  document.getElementById(id)?.focus()
}

interface WholePageProps extends PageProps, PageFrameProps {
  readonly createQueries?: () => QueryClient
}

/** A page with its frame, and what its components find around them: settings, texts and queries. */
export const Page = ({ settings, language, catalogue, createQueries, ...frame }: WholePageProps) => {
  const [texts] = useState(() => createTexts(language, catalogue))
  const [queries] = useState(createQueries ?? createQueryClient)
  return (
    <QueryClientProvider client={queries}>
      <TextsProvider value={texts}>
        <SettingsProvider value={settings}>
          <PageFrame {...frame} />
        </SettingsProvider>
      </TextsProvider>
    </QueryClientProvider>
  )
}
