import type { FirstScreen, Language, PageSettings } from '../settings.ts'
import { catalogue as german } from '../texts/de/operator.ts'
import { catalogue as english } from '../texts/en/operator.ts'
import { createTexts } from '../texts/texts.ts'

const catalogues = { en: english, de: german }

/** The page of operators before any script, by its path. It is empty: nothing is known before the session is. */
export const firstScreens = (
  { brand }: PageSettings,
  language: Language,
): Readonly<Record<'operator', FirstScreen>> => ({
  operator: { title: createTexts(language, catalogues[language]).t('title', { brand }), html: '' },
})
