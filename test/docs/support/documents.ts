import { readFileSync } from 'node:fs'

export const documentOf = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

/** The lines of all blocks of shell commands, with continued lines joined. */
export const commandsOf = (document: string): readonly string[] =>
  [...document.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  )

/** A section with its heading, up to the next heading of the same kind. */
export const sectionOf = (document: string, heading: string): string => {
  const [, section] = document.split(`\n## ${heading}\n`)
  if (section === undefined) throw new Error(`there is no section '${heading}'`)
  return section.split('\n## ')[0] ?? ''
}

/** What GitHub calls the headings of a page in links. */
export const anchorsOf = (document: string): readonly string[] =>
  [...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  )
