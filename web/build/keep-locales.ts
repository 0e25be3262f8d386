import { basename } from 'node:path'
import type { Plugin } from 'esbuild'

/** Drops the texts of a library in languages that we do not have. React Aria has a file such as `de-DE.mjs` for each. */
export const keepLocales = (languages: readonly string[]): Plugin => ({
  name: 'keep-locales',
  setup: ({ onLoad }) => {
    onLoad({ filter: /react-(?:aria|stately)[^/]*\/.*\/[a-z]{2}-[A-Z]{2}\.m?js$/ }, ({ path }) => {
      const isKept = languages.some((language) => basename(path).startsWith(`${language}-`))
      return isKept ? undefined : { contents: 'export default {}', loader: 'js' }
    })
  },
})
