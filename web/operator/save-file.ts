interface Page {
  readonly data?: string | undefined
  readonly response: Response
}

/** Reads an export to its end: each page links to the next one. */
export const readPages = async (
  read: (more: { readonly cursor?: string }) => Promise<Page>,
): Promise<readonly string[]> => {
  const pages: string[] = []
  let cursor: string | null | undefined
  do {
    const { data = '', response } = await read(cursor ? { cursor } : {})
    pages.push(data)
    const [, next] = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? []
    cursor = next && new URL(next).searchParams.get('cursor')
  } while (cursor)
  return pages
}

/** Safari reads the file only after the click. */
const keptMilliseconds = 60_000

/** Has the browser save a file. */
export const saveFile = (name: string, type: string, parts: readonly string[]): void => {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([...parts], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), keptMilliseconds)
}

/** Without a byte order mark, a spreadsheet does not read UTF-8. Reading an answer as text removes it. */
export const saveCsv = (name: string, parts: readonly string[]): void =>
  saveFile(name, 'text/csv', ['\u{feff}', ...parts])
