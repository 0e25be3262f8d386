import type { ui } from '../texts/catalogues/ui.ts'
import type { Texts } from '../texts/texts.ts'

/** Says a browser in the language of the page. The API says it in English: `Firefox on Linux`. */
export const sayBrowser = ({ t }: Pick<Texts<keyof typeof ui>, 't'>, browser: string | null): string => {
  const [name, system] = browser?.split(' on ') ?? []
  const known = name === undefined || name === 'Unknown browser' ? t('sessions.unknown') : name
  return system === undefined ? known : t('sessions.on', { name: known, system })
}
