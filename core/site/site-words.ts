import { isBeside } from './environment.ts'
import { ownershipOf, type Site } from './site.ts'

/** More words, or longer ones, find nothing more. */
const max = { words: 24, characters: 40 }

/** The different words of a text, in lower case and without accents. */
export const wordsOf = (text: string): readonly string[] => {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const words = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, max.characters).join(''))
  return [...new Set(words)].slice(0, max.words)
}

/** The words by which operators find a site: of its slug, its custom domain and its name. */
export const siteWords = (site: Site): readonly string[] => {
  if (isBeside(site)) return []
  const { slug = '', name = '' } = ownershipOf(site) ?? {}
  return wordsOf(`${slug} ${'urlHostname' in site ? site.urlHostname : ''} ${name}`)
}
