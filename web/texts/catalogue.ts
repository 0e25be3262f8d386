import { type Catalogue, type Language, languages } from '../settings.ts'

/** Texts by key, each in every language, in the order of `languages`. `{name}` is a placeholder. */
export type Translations = Readonly<Record<string, readonly [en: string, de: string]>>

export const inLanguage = (texts: Translations, language: Language): Catalogue => {
  const place = languages.indexOf(language)
  return Object.fromEntries(Object.entries(texts).map(([key, translations]) => [key, translations[place] ?? '']))
}

/** Splits a text at its placeholders and puts the values in. @throws {Error} for a placeholder without a value. */
export const partsOf = <Value>(text: string, values: Readonly<Record<string, Value>>): readonly (string | Value)[] =>
  // `split` returns the captured names at odd places.
  text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part
    const value = values[part]
    if (value === undefined) throw new Error(`the text '${text}' needs a value for {${part}}`)
    return value
  })
