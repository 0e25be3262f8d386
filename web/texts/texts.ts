import { createContext, createElement, Fragment, type ReactNode, useContext } from 'react'
import type { Catalogue, Language } from '../settings.ts'
import { partsOf } from './catalogue.ts'
import { createFormats, type Formats } from './formats.ts'

type Values<Value> = Readonly<Record<string, Value>>

export interface Texts<Key extends string> {
  readonly language: Language
  readonly format: Formats
  readonly t: (key: Key, values?: Values<string | number>) => string
  /** The same with elements as values. */
  readonly nodes: (key: Key, values: Values<ReactNode>) => ReactNode
  /** A text whose key is known at run time only, such as that of an error; undefined if there is none. */
  readonly find: (key: string, values?: Values<string | number>) => string | undefined
}

export const createTexts = (language: Language, catalogue: Catalogue): Texts<string> => {
  const textOf = (key: string): string => {
    const text = catalogue[key]
    if (text === undefined) throw new Error(`there is no text '${key}'`)
    return text
  }
  const fill = (text: string, values: Values<string | number> = {}): string => partsOf(text, values).join('')
  return {
    language,
    format: createFormats(language),
    t: (key, values) => fill(textOf(key), values),
    nodes: (key, values) =>
      // Parts have no identity of their own: their order is fixed.
      createElement(Fragment, undefined, ...partsOf<ReactNode>(textOf(key), values)),
    find: (key, values) => (catalogue[key] === undefined ? undefined : fill(textOf(key), values)),
  }
}

const TextsContext = createContext<Texts<string>>(createTexts('en', {}))
export const TextsProvider = TextsContext.Provider

/** The texts of the page around; name its keys. */
export const useTexts = <Key extends string>(): Texts<Key> => useContext(TextsContext)
