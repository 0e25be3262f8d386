import type { IncomingHttpHeaders } from 'node:http'
import type { Language } from '../../web/settings.ts'
import { languages } from '../../web/settings.ts'

/** The language of the pages: the chosen one, which a cookie holds, otherwise the browser's first that we have. */
export const chooseLanguage = ({ cookie, ...headers }: IncomingHttpHeaders): Language => {
  const chosen = /(?:^|;\s*)language=(\w+)/.exec(cookie ?? '')?.[1]
  const wanted = [
    chosen ?? '',
    ...(headers['accept-language'] ?? '').split(',').map((range) => range.trim().slice(0, 2)),
  ]
  return wanted.flatMap((code) => languages.find((known) => known === code.toLowerCase()) ?? [])[0] ?? 'en'
}
