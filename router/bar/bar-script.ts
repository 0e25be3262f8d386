import { readFileSync } from 'node:fs'

/** The text of `bar.js`, which reads the constant `facts`. A bundle has the text instead (`lib/bundles.ts`). */
export const barScript: string = readFileSync(new URL('bar.js', import.meta.url), 'utf8')
