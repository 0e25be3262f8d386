import { createContext, useContext } from 'react'
import type { PageSettings } from '../settings.ts'
import type { catalogue } from '../texts/en/operator.ts'
import type { Texts } from '../texts/texts.ts'
import { useTexts } from '../texts/texts.ts'
import { sayProblem } from '../ui/say-problem.ts'

const SettingsContext = createContext<PageSettings | undefined>(undefined)
export const SettingsProvider = SettingsContext.Provider

/** The settings and texts of the operator's page. */
export const usePage = () => {
  const settings = useContext(SettingsContext)
  if (settings === undefined) throw new Error('the page has no settings')
  const texts: Texts<keyof typeof catalogue> = useTexts()
  const every: Texts<string> = useTexts()
  return { ...texts, settings, sayProblem: (error: unknown) => sayProblem(every, error, settings.brand) }
}
