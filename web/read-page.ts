import type { Language, PageSettings } from './settings.ts'
import { languages } from './settings.ts'

interface PageContent {
  readonly settings: PageSettings
  readonly language: Language
  /** Where the page is shown. */
  readonly root: HTMLElement
}

/** Reads what the HTML of the page holds for its script. */
export const readPage = (): PageContent => {
  const root = document.getElementById('page')
  const settings = document.getElementById('settings')?.textContent
  if (root === null || settings === undefined || settings === null)
    throw new Error('the HTML of the page is incomplete')
  const language = languages.find((known) => known === document.documentElement.lang) ?? 'en'
  return { root, language, settings: JSON.parse(settings) }
}
