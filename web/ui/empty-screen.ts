import type { FirstScreen, Language, PageSettings } from '../settings.ts'
import type { Catalogue } from '../texts/texts.ts'
import { createTexts } from '../texts/texts.ts'

/** A page before any script, by its path, which shows nothing before the API has answered. Its catalogues have the text `title`. */
export const emptyScreen =
  (path: string, catalogues: Readonly<Record<Language, Catalogue>>) =>
  ({ brand }: PageSettings, language: Language): Readonly<Record<string, FirstScreen>> => ({
    [path]: { title: createTexts(language, catalogues[language]).t('title', { brand }), html: '' },
  })
