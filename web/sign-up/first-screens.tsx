import { renderToString } from 'react-dom/server'
import type { FirstScreen, Language, PageSettings } from '../settings.ts'
import { catalogue as german } from '../texts/de/sign-up.ts'
import { catalogue as english } from '../texts/en/sign-up.ts'
import { createTexts } from '../texts/texts.ts'
import { MailedScreen } from './other-screens.tsx'
import { SignUpPage } from './sign-up-page.tsx'

const catalogues = { en: english, de: german }

/** The pages of sign-up before any script, by their path. */
export const firstScreens = (settings: PageSettings, language: Language): Readonly<Record<string, FirstScreen>> => {
  const catalogue = catalogues[language]
  const props = { settings, language, catalogue }
  const title = createTexts(language, catalogue).t('title', { brand: settings.brand })
  return {
    '': { title, html: renderToString(<SignUpPage {...props} />) },
    mailed: {
      title,
      html: renderToString(
        <SignUpPage {...props}>
          <MailedScreen />
        </SignUpPage>,
      ),
    },
  }
}
