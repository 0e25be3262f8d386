import { type QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { createQueryClient } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import { createTexts, TextsProvider } from '../texts/texts.ts'
import { PageFrame } from './page-frame.tsx'
import { SettingsProvider } from './use-page.ts'

interface WholePageProps extends PageProps {
  /** On the right of the header, such as who is signed in. */
  readonly person?: ReactNode
  /** Beside the page, such as its views. */
  readonly side?: ReactNode
  readonly createQueries?: () => QueryClient
  readonly children: ReactNode
}

/** A page with its frame, and what its components find around them: settings, texts and queries. */
export const Page = ({ settings, language, catalogue, person, side, createQueries, children }: WholePageProps) => {
  const [texts] = useState(() => createTexts(language, catalogue))
  const [queries] = useState(createQueries ?? createQueryClient)
  return (
    <QueryClientProvider client={queries}>
      <TextsProvider value={texts}>
        <SettingsProvider value={settings}>
          <PageFrame person={person} side={side}>
            {children}
          </PageFrame>
        </SettingsProvider>
      </TextsProvider>
    </QueryClientProvider>
  )
}
