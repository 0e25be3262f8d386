import german from './page-german.json' with { type: 'json' }

type PageLanguage = 'en' | 'de'

/** The German sentences by the English ones. */
const inGerman = new Map(Object.entries(german))

const sentencesOf = (text: string): readonly string[] => text.split(/(?<=\.) (?=[A-Z])/)

/**
 * Returns the first language of a browser that all texts of a page have. A page is in one language: with a sentence that has no German
 * one, such as what is wrong with a request, it stays English.
 * @param accepted the field `Accept-Language`.
 */
export const languageOf = (texts: readonly string[], accepted = ''): PageLanguage => {
  const wanted = accepted.split(',').map((range) => range.trim().slice(0, 2).toLowerCase())
  const isGerman = wanted.find((code) => code === 'de' || code === 'en') === 'de'
  return isGerman && texts.flatMap(sentencesOf).every((sentence) => inGerman.has(sentence)) ? 'de' : 'en'
}

/** Returns a text in a language, with its `{value}`. */
export const sayOn = (language: PageLanguage, text: string, value = ''): string => {
  const sentences = sentencesOf(text).map((one) => (language === 'de' ? (inGerman.get(one) ?? one) : one))
  return sentences.join(' ').replace('{value}', () => value)
}
