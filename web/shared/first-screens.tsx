import type { FirstScreen, Language, PageSettings } from '../settings.ts'
import { catalogue as german } from '../texts/de/shared.ts'
import { catalogue as english } from '../texts/en/shared.ts'
import { createTexts } from '../texts/texts.ts'

const catalogues = { en: english, de: german }

/** The shared page before any script, by its path. It is empty: the token stands behind the # of its address. */
export const firstScreens = ({ brand }: PageSettings, language: Language): Readonly<Record<'shared', FirstScreen>> => ({
  shared: { title: createTexts(language, catalogues[language]).t('title', { brand }), html: '' },
})
