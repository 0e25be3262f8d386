import type { ComponentType } from 'react'
import { createRoot } from 'react-dom/client'
import { languages, type PageProps } from '../settings.ts'
import { endureTranslation } from './endure-translation.ts'

/** Reads what the HTML of the page holds for its script, and loads its texts. */
export const readPage = async (): Promise<PageProps & { readonly root: HTMLElement }> => {
  const root = document.getElementById('page')
  const settings = document.getElementById('settings')?.textContent
  const texts = document.querySelector<HTMLLinkElement>('#texts')
  if (root === null || texts === null || settings === undefined) throw new Error('the HTML of the page is incomplete')
  endureTranslation()
  const { catalogue } = await import(texts.href)
  const language = languages.find((known) => known === document.documentElement.lang) ?? 'en'
  return { root, language, catalogue, settings: JSON.parse(settings) }
}

/** Shows a page whose HTML holds nothing before its script. */
export const showPage = async (Content: ComponentType<PageProps>): Promise<void> => {
  const { root, ...props } = await readPage()
  createRoot(root).render(<Content {...props} />)
  document.documentElement.classList.remove('elsewhere')
}
